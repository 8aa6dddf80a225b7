/** What a program over many connectors is made of, besides createCli: the parts that its own commands share with the others. */
export { createDestination, createEngine, ledgerKeyOf, toJob } from "./cli/create-engine.ts";
export type { CommandContext, CommandDocument, CommandResult, Program } from "./cli/command-context.ts";
export { coreVersion } from "./cli/core-version.ts";
export { exitCodeOf, exitCodes, interruptExitCode } from "./cli/exit-code.ts";
export { toFailure } from "./cli/error-report.ts";
export { describeHolder, isGone } from "./cli/holder.ts";
export { loadForCommand } from "./cli/load-for-command.ts";
export type { ProgramCommand } from "./cli/program-command.ts";
export { findStateOpener } from "./cli/find-state-opener.ts";
export { withState } from "./cli/use-state.ts";
export { shareMemory } from "./cli/with-engine.ts";
export type { LoadedConfig, LoadedSync } from "./config/load-config.ts";
export type { Redactor } from "./config/redactor.ts";
export type { RunnerSchemas, RunnerSync } from "./config/runner-section.ts";
export { createRequestSlots, type RequestSlots } from "./personize/request-slots.ts";
export { sdkVersion } from "./personize/sdk-version.ts";
