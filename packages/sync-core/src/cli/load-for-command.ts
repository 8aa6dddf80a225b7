import { type ConfigNeeds, type LoadedConfig, loadConfig } from "../config/load-config.ts";
import type { CommandContext } from "./command-context.ts";

/** The configuration as far as a command needs it. */
export function loadForCommand(context: CommandContext, needs: ConfigNeeds): Promise<LoadedConfig> {
  return loadConfig({
    cwd: context.io.cwd,
    env: context.io.env,
    file: context.options.config,
    connectors: context.connectors,
    ...(context.runner === null ? {} : { runner: context.runner }),
    only: context.options.only,
    needs,
    redactor: context.redactor,
  });
}
