export { type DescribeSourceOptions, describeSource } from "./describe-source.ts";
export type { Ability, LateChange, Opening, SourceHarness, SuiteSettings } from "./source-harness.ts";
export { createVirtualRuntime, type VirtualRuntime, type VirtualRuntimeOptions } from "./virtual-runtime.ts";
export { describeRunQueue, type OpenRunQueue } from "./describe-run-queue.ts";
export { describeStateStore, type OpenStateStore } from "./describe-state-store.ts";
export { rowsOf, toBatch, toDigest, toReceipt } from "./state-rows.ts";
