import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PersonizeApi, type PersonizeApiOptions, startPersonizeApi } from "@acme/personize-api";
import { type Connector, createConnector } from "./connector.ts";
import { createExpectations } from "./expect.ts";

export const KEY = "sk_test_demo";

/** What a demo plays on: a folder, the Personize stand-in, and whatever it starts itself. All of it is gone at the end. */
export interface Stage {
  readonly folder: string;
  readonly say: (line?: string) => void;
  /** Prints a fact with a mark; one that does not hold makes the demo fail. */
  readonly expect: (fact: string, holds: boolean) => void;
  readonly startPersonize: (options?: PersonizeApiOptions) => Promise<PersonizeApi>;
  /** Remembers how to end something that the demo has started. */
  readonly ends: (end: () => Promise<void>) => void;
  /** The command line of a connector, by the name that people type. */
  readonly connector: (name: string, environment: Readonly<Record<string, string>>) => Connector;
  /** @throws Error when a command ends with another exit code: nothing after it would make sense. */
  readonly mustExit: (code: number, invocation: Promise<{ readonly exitCode: number }>) => Promise<void>;
}

/** Plays a demo to its end and sets the exit code: 0 only if everything is as it says. */
export async function playDemo(play: (stage: Stage) => Promise<void>): Promise<void> {
  const say = (line = ""): void => void process.stdout.write(`${line}\n`);
  const expectations = createExpectations(say);
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), "sync-demo-"));
  const endings: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const cleanUp = async (): Promise<void> => {
    for (const end of endings.splice(0).toReversed()) await end();
  };
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(code)));
  }

  const stage: Stage = {
    folder,
    say,
    expect: (fact, holds) => expectations.that(fact, holds),
    ends: (end) => void endings.push(end),
    async startPersonize(options = {}) {
      const api = await startPersonizeApi({
        // No row-by-row pace here: the demo should not take the 84 minutes that 5,000 rows take on the Free plan.
        organizations: [{ keys: [KEY], plan: "unlimited" }],
        landingDelayMs: { minMs: 700, maxMs: 1500 },
        ...options,
      });
      endings.push(() => api.close());
      return api;
    },
    connector(name, environment) {
      const connector = createConnector(name, folder, environment);
      endings.push(async () => connector.stop());
      return connector;
    },
    async mustExit(code, invocation) {
      const { exitCode } = await invocation;
      expectations.that(`exit code ${exitCode}`, exitCode === code);
      if (exitCode !== code) throw new Error(`a command ended with exit code ${exitCode}, expected ${code}`);
    },
  };
  try {
    await play(stage);
  } catch (error) {
    say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await cleanUp();
  }
  if (!expectations.allHold()) process.exitCode = 1;
  say(
    process.exitCode === 1
      ? "\nNot everything is as it should be."
      : `\nEverything is as it says. ${Math.round((Date.now() - startedAt) / 1000)} s in all.`,
  );
}

/** The last receipt of each sync, as `status --json` prints it. */
export async function readReceipts(connector: Connector): Promise<ReadonlyMap<string, DemoReceipt>> {
  const { output } = await connector.ask("status");
  const { syncs }: { readonly syncs: readonly { readonly sync: string; readonly receipts: readonly DemoReceipt[] }[] } =
    JSON.parse(output);
  return new Map(syncs.flatMap(({ sync, receipts: [last] }) => (last === undefined ? [] : [[sync, last] as const])));
}

export interface DemoReceipt {
  readonly rows: Readonly<Record<"read" | "unchanged" | "sent" | "landed" | "parked" | "refused", number>>;
  readonly [detail: string]: unknown;
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
