import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError } from "../../contracts/errors.ts";
import type { MemorizeItem } from "../../personize/requests.ts";
import { type CommandContext, type CommandResult, interruptOf } from "../command-context.ts";
import { worstExitCode } from "../exit-code.ts";
import { createDestination } from "../create-engine.ts";
import { loadForCommand } from "../load-for-command.ts";
import { withState } from "../use-state.ts";

export interface MemorizeCommandOptions {
  readonly content?: string;
  /** `-`: standard input. */
  readonly contentFile?: string;
  readonly entityType?: string;
  readonly email?: string;
  readonly website?: string;
  readonly recordId?: string;
  readonly customKeyName?: string;
  readonly customKey?: string;
}

/** One item by hand: the vendor's single memorize, paced and retried like everything else. */
export async function memorize(context: CommandContext, options: MemorizeCommandOptions): Promise<CommandResult> {
  const identity = checkIdentity(options);
  const content = await readContent(context, options);
  const config = await loadForCommand(context, { secretKey: "required", syncs: "none", source: false, mapping: false });
  const memorized = await withState(context, config, (state) =>
    createDestination(context, config, state, context.program.name).memorize({ content, ...identity }, context.signal),
  );
  const named = [
    ...(memorized.recordId === null ? [] : [`record ${memorized.recordId}`]),
    ...(memorized.eventId === null ? [] : [`event ${memorized.eventId}`]),
  ];
  return {
    document: {
      command: "memorize",
      syncs: [],
      memorized,
      exitCode: worstExitCode([], interruptOf(context.signal)),
    },
    human: `Accepted${named.length === 0 ? "" : `: ${named.join(", ")}`}. It can be recalled in a minute or two.`,
    failures: [],
    isReport: false,
  };
}

function checkIdentity(options: MemorizeCommandOptions): Omit<MemorizeItem, "content"> {
  const { entityType, email, website, recordId, customKey, customKeyName } = options;
  if (entityType === undefined) {
    throw new ConfigError("--entity-type is missing", { hint: "Say what the item is about: contact, company, …" });
  }
  if ((customKey === undefined) !== (customKeyName === undefined)) {
    throw new ConfigError("--custom-key and --custom-key-name belong together", { hint: "Set both, or neither." });
  }
  if ([email, website, recordId, customKey].every((value) => value === undefined)) {
    throw new ConfigError("nothing says whose memory this is", {
      hint: "Add --email, --website, --record-id, or --custom-key-name with --custom-key.",
    });
  }
  return {
    entityType,
    ...(email === undefined ? {} : { email }),
    ...(website === undefined ? {} : { website }),
    ...(recordId === undefined ? {} : { recordId }),
    ...(customKey === undefined ? {} : { customKey }),
    ...(customKeyName === undefined ? {} : { customKeyName }),
  };
}

async function readContent(context: CommandContext, options: MemorizeCommandOptions): Promise<string> {
  const { content, contentFile } = options;
  if ((content === undefined) === (contentFile === undefined)) {
    throw new ConfigError(
      content === undefined ? "there is no content" : "--content and --content-file exclude each other",
      {
        hint: "Give either --content TEXT or --content-file FILE (- for standard input).",
      },
    );
  }
  const text = content ?? (await readContentFile(context, contentFile ?? "-"));
  if (text.trim() === "") throw new ConfigError("the content is empty", { hint: "There is nothing to memorize." });
  return text;
}

async function readContentFile(context: CommandContext, file: string): Promise<string> {
  if (file === "-") return context.io.stdin.readAll();
  try {
    return await readFile(resolve(context.io.cwd, file), "utf8");
  } catch (error) {
    throw new ConfigError(`${file} cannot be read`, { hint: "Correct the path behind --content-file.", cause: error });
  }
}
