export { type DescribeSourceOptions, describeSource } from "./describe-source.ts";
export type { Ability, LateChange, Opening, SourceHarness, SuiteSettings } from "./source-harness.ts";
export { createVirtualRuntime, type VirtualRuntime, type VirtualRuntimeOptions } from "./virtual-runtime.ts";
