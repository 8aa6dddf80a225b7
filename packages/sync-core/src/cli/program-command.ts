import type { CommandContext, CommandResult } from "./command-context.ts";

/** A command that one program has besides those of every program. */
export interface ProgramCommand {
  /** What people type. */
  readonly name: string;
  readonly summary: string;
  /** Behind the command's name, as they would be typed. */
  readonly examples: readonly string[];
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}
