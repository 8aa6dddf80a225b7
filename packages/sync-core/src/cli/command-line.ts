import { Command, InvalidArgumentError } from "commander";
import type { CommandContext, CommandResult, GlobalOptions, Program } from "./command-context.ts";
import { check } from "./commands/check.ts";
import { discover } from "./commands/discover.ts";
import { init } from "./commands/init.ts";
import { memorize, type MemorizeCommandOptions } from "./commands/memorize.ts";
import { plan } from "./commands/plan.ts";
import { retry } from "./commands/retry.ts";
import { stateExport } from "./commands/state-export.ts";
import { stateForget } from "./commands/state-forget.ts";
import { stateImport } from "./commands/state-import.ts";
import { stateReset } from "./commands/state-reset.ts";
import { stateShow } from "./commands/state-show.ts";
import { status } from "./commands/status.ts";
import { sync } from "./commands/sync.ts";
import { verify } from "./commands/verify.ts";
import type { ProgramCommand } from "./program-command.ts";

/** A command as it was typed: ready to run once there is a context. */
export interface Invocation {
  /** `sync`, `state reset` */
  readonly command: string;
  readonly options: GlobalOptions;
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}

interface GlobalValues {
  readonly config?: string;
  readonly only?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

const VERIFY_SAMPLE = 20;

/** The commands and their options. `onInvocation` is told what was asked for; nothing is run here. */
export function createCommandLine(
  program: Program,
  commands: readonly ProgramCommand[],
  versionText: string,
  onInvocation: (invocation: Invocation) => void,
): Command {
  const root = new Command(program.name)
    .description("Brings rows into Personize memory, and proves that they landed.")
    .version(versionText, "-V, --version", "show the versions of program, engine and SDK")
    .option(
      "--config <file>",
      "configuration file (default: sync.config.yaml, .yml, .json, .ts, .js or .mjs here)",
      toFileName,
    )
    .option("--only <names...>", "work on these syncs only", collectNames)
    .option("--json", "print one JSON document on stdout and nothing else")
    .option("--quiet", "no progress and no remarks; errors are still shown")
    .option("--debug", "show where an error came from")
    .configureHelp({ showGlobalOptions: true });

  const add = (parent: Command, name: string, summary: string, examples: readonly string[]): Command => {
    const [word = name] = name.split(" ");
    const path = parent === root ? word : `${parent.name()} ${word}`;
    const shown = examples.map((example) => `  $ ${program.name} ${path}${example === "" ? "" : ` ${example}`}`);
    return parent
      .command(name)
      .description(summary)
      .addHelpText("after", `\nExample:\n${shown.join("\n")}`);
  };
  const announce = (command: Command, run: Invocation["run"]): void => {
    const parent = command.parent === root ? "" : `${command.parent?.name() ?? ""} `;
    const options = toGlobalOptions(command.optsWithGlobals<GlobalValues>());
    onInvocation({ command: `${parent}${command.name()}`, options, run });
  };

  add(root, "check", "check credentials, permissions, plan and mapping", ["--only customers"]).action(
    (_: object, command: Command) => announce(command, (context) => check(context)),
  );

  add(root, "discover", "list streams, fields and types, and the organisation's collections", [""]).action(
    (_: object, command: Command) => announce(command, (context) => discover(context)),
  );

  add(root, "init", "write a configuration: propose cursor, key, identity and mapping, with reasons", [
    "--stream public.customers",
    "--output contacts.yaml --set pageRows=500",
  ])
    .option("--connector <name>", "which connector, where the program has several")
    .option("--stream <name>", "what to read: a table, an object; may be repeated", collect)
    .option("--set <name=value>", "an option of the source; may be repeated", collect)
    .option("--output <file>", "file to write (default: the one of --config, else sync.config.yaml)", toFileName)
    .option("--force", "replace the file if it is there")
    .action(
      (
        options: {
          connector?: string;
          stream?: readonly string[];
          set?: readonly string[];
          output?: string;
          force?: boolean;
        },
        command: Command,
      ) =>
        announce(command, (context) =>
          init(context, {
            connector: options.connector ?? null,
            streams: options.stream ?? [],
            set: options.set ?? [],
            output: options.output ?? null,
            force: options.force ?? false,
          }),
        ),
    );

  add(root, "plan", "say what a run would do and cost; sends nothing", ["--limit 1000"])
    .option(
      "--limit <rows>",
      "send at most this many rows of each sync, and stop after the page in which so many were read",
      toCount,
    )
    .option("--full", "read from the beginning, not from the cursor")
    .action((options: { limit?: number; full?: boolean }, command: Command) =>
      announce(command, (context) => plan(context, { ...readingOptions(options), samples: 0, command: "plan" })),
    );

  add(root, "sync", "bring the rows across", ["--only customers --json", "--dry-run --limit 100"])
    .option(
      "--limit <rows>",
      "send at most this many rows of each sync, and stop after the page in which so many were read",
      toCount,
    )
    .option("--full", "read from the beginning; what did not change is still not sent")
    .option("--dry-run", "send nothing; show the plan and some rows as they would be sent")
    .option(
      "--allow-deletes <records>",
      "let each sync delete up to so many records, where deletes: delete is set",
      toCount,
    )
    .action((options: { limit?: number; full?: boolean; dryRun?: boolean; allowDeletes?: number }, command: Command) =>
      announce(command, (context) =>
        sync(context, {
          ...readingOptions(options),
          dryRun: options.dryRun ?? false,
          allowDeletes: options.allowDeletes ?? null,
        }),
      ),
    );

  add(root, "verify", "read rows back and compare", ["--sample 50", "--all --repair"])
    .option("--sample <rows>", "how many rows to read back", toCount, VERIFY_SAMPLE)
    .option("--all", "read every row back; costs a call for each")
    .option("--repair", "send rows that differ or are missing again")
    .action((options: { sample: number; all?: boolean; repair?: boolean }, command: Command) =>
      announce(command, (context) =>
        verify(context, { sample: options.all === true ? null : options.sample, repair: options.repair ?? false }),
      ),
    );

  add(root, "status", "show last runs, cursor, quota and parked rows; asks nobody", ["--json"]).action(
    (_: object, command: Command) => announce(command, (context) => status(context)),
  );

  add(root, "retry", "try parked rows again, as they are at the source now", ["--only customers"]).action(
    (_: object, command: Command) => announce(command, (context) => retry(context)),
  );

  const state = root.command("state").description("look at, move or forget what is stored of the syncs");
  add(state, "show", "show what is stored", [""]).action((_: object, command: Command) =>
    announce(command, (context) => stateShow(context)),
  );
  add(state, "reset", "forget where the syncs stand", ["--only customers --yes"])
    .option("--yes", "do not ask")
    .action((options: { yes?: boolean }, command: Command) =>
      announce(command, (context) => stateReset(context, { yes: options.yes ?? false })),
    );
  add(state, "export", "write everything that is stored to a file, for a backup or another place", [
    "--output state.jsonl",
  ])
    .option("--output <file>", "the file; only you may read it")
    .action((options: { output?: string }, command: Command) =>
      announce(command, (context) => stateExport(context, { output: options.output ?? null })),
    );

  add(state, "import <file>", "take in what state export wrote: all of it or nothing", ["state.jsonl"])
    .option("--replace", "what is stored of the same syncs makes way")
    .action((file: string, options: { replace?: boolean }, command: Command) =>
      announce(command, (context) => stateImport(context, { file, replace: options.replace ?? false })),
    );
  add(state, "forget <key>", "erase what is stored about one row, not its record at Personize", [
    "4711 --only customers",
  ]).action((key: string, _: object, command: Command) =>
    announce(command, (context) => stateForget(context, { key })),
  );

  add(root, "memorize", "send one item by hand", [
    '--entity-type contact --email ada@example.com --content "Prefers to be called in the morning."',
  ])
    .option("--content <text>", "what to memorize")
    .option("--content-file <file>", "a file that holds it; - for standard input")
    .option("--entity-type <type>", "contact, company, or a type of your own")
    .option("--email <address>", "the record's email address")
    .option("--website <site>", "the record's web site")
    .option("--record-id <id>", "Personize's own id of the record")
    .option("--custom-key-name <name>", "name of an identifier of your own")
    .option("--custom-key <value>", "its value")
    .action((options: MemorizeCommandOptions, command: Command) =>
      announce(command, (context) => memorize(context, options)),
    );

  for (const { name, summary, examples, run } of commands)
    add(root, name, summary, examples).action((_: object, command: Command) => announce(command, run));

  root.addHelpText("after", `\nExample:\n  $ ${program.name} check\n  $ ${program.name} sync --only customers`);
  state.addHelpText("after", `\nExample:\n  $ ${program.name} state show`);
  return root;
}

function toGlobalOptions(values: GlobalValues): GlobalOptions {
  return {
    config: values.config ?? null,
    only: values.only ?? null,
    json: values.json ?? false,
    quiet: values.quiet ?? false,
    debug: values.debug ?? false,
  };
}

function readingOptions(options: { readonly limit?: number; readonly full?: boolean }): {
  readonly limit: number | null;
  readonly full: boolean;
} {
  return { limit: options.limit ?? null, full: options.full ?? false };
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

function collectNames(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), ...value.split(",").filter((name) => name !== "")];
}

/** A forgotten file name must not swallow the option behind it. */
function toFileName(value: string): string {
  if (value.startsWith("--")) throw new InvalidArgumentError("Expected the name of a file.");
  return value;
}

function toCount(value: string): number {
  const count = Number(value);
  if (!/^\d+$/.test(value) || count < 1 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError("Expected a whole number, 1 or more.");
  }
  return count;
}
