import { inspect } from "node:util";
import { SyncError, type SyncErrorKind } from "../../contracts/errors.ts";
import type { Source, Stream } from "../../contracts/source.ts";
import { hold } from "../broken-law.ts";
import { ability, type Lab, newProgress, ROW_MARK } from "../lab.ts";
import type { Law } from "../law.ts";
import type { Opening } from "../source-harness.ts";

const never = new AbortController().signal;
const NO_SUCH_FIELD = "no_such_field";

const IN_WORDS = {
  credentials: "a wrong password",
  address: "an address where nothing listens",
  stream: "a table that is not there",
} as const;

const refusedCredentials: Law = {
  name: "answers wrong credentials with an AuthError that says what to do",
  needs: ["credentials"],
  check: (lab) => expectFault(lab, "credentials", "auth"),
};

const unreachable: Law = {
  name: "answers a system that cannot be reached with a TransientError",
  needs: ["address"],
  check: (lab) => expectFault(lab, "address", "transient"),
};

const missingStream: Law = {
  name: "answers a table that is not there with a ConfigError that says what to do",
  needs: [],
  check: (lab) => expectFault(lab, "stream", "config"),
};

const missingField: Law = {
  name: "answers a field that no longer exists with a ConfigError that names it, before it gives rows",
  needs: [],
  async check(lab) {
    await lab.fill(2);
    const source = await lab.open();
    const stream = withMissingField(await lab.stream(source));
    const error = await failureOf(
      () => source.read(stream, null, never)[Symbol.asyncIterator]().next(),
      "a read with a field that does not exist",
    );
    const found = expectKind(error, "config", "a field that does not exist");
    hold(
      `${found.message} ${found.hint}`.includes(NO_SUCH_FIELD),
      "the error does not name the field that does not exist",
    );
    expectClean(lab, error);
  },
};

const cutConnections: Law = {
  name: "loses nothing when its connections are cut between pages",
  needs: ["cut"],
  async check(lab) {
    await lab.fill(6);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    const cut = ability(lab.harness.cut, "cut");
    for (let tries = 0; ; tries += 1) {
      hold(tries <= lab.truth.size, "a read never got to its end while its connections were cut between pages");
      try {
        await lab.pass(source, stream, progress, () => cut.call(lab.harness));
        break;
      } catch (error) {
        expectKind(error, "transient", "a connection that was cut");
        expectClean(lab, error);
      }
    }
    await lab.untilQuiet(source, stream, progress);
    lab.expectAll(progress, "when connections were cut between pages");
  },
};

const keepsSecrets: Law = {
  name: "puts no secret and no row's contents into any error",
  needs: [],
  async check(lab) {
    await lab.fill(3);
    const errors: unknown[] = [];
    const note = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        errors.push(error);
      }
    };
    for (const fault of ["credentials", "address", "stream"] as const) {
      if (fault !== "stream" && lab.cannot[fault] !== undefined) continue;
      const source = await openFaulty(lab, fault, errors);
      if (source === null) continue;
      await note(() => source.check(never));
      await note(() => source.streams(never));
    }
    const source = await lab.open();
    const stream = await lab.stream(source);
    const first = (after: Stream, cursor: Parameters<Source["read"]>[1]): Promise<unknown> =>
      source.read(after, cursor, never)[Symbol.asyncIterator]().next();
    await note(() => first(withMissingField(stream), null));
    await note(() => first({ ...stream, key: [NO_SUCH_FIELD] }, null));
    await note(() => first(stream, { value: `${ROW_MARK} in a cursor` }));
    await source.close();
    await note(() => source.check(never));
    hold(errors.length >= 3, `of the faults provoked, only ${errors.length} ended in an error`);
    for (const error of errors) expectClean(lab, error);
  },
};

/** Every method ends in an error of `kind`, with a hint. An empty answer would pass for an empty table, or for deleted rows. */
async function expectFault(lab: Lab, fault: NonNullable<Opening["fault"]>, kind: SyncErrorKind): Promise<void> {
  await lab.fill(1);
  const sound = await lab.open();
  const stream = await lab.stream(sound);
  const errors: unknown[] = [];
  const source = await openFaulty(lab, fault, errors);
  if (source !== null) {
    for (const [what, work] of [
      ["check()", (): Promise<unknown> => source.check(never)],
      ["streams()", (): Promise<unknown> => source.streams(never)],
      ["read()", (): Promise<unknown> => source.read(stream, null, never)[Symbol.asyncIterator]().next()],
      ["lookup()", (): Promise<unknown> => source.lookup(stream, [...lab.truth.keys()], never)],
    ] as const) {
      errors.push(await failureOf(work, `${what} with ${IN_WORDS[fault]}`));
    }
  }
  for (const error of errors) {
    expectKind(error, kind, IN_WORDS[fault]);
    expectClean(lab, error);
  }
}

/** Some sources find a fault as soon as they are made. */
async function openFaulty(lab: Lab, fault: Opening["fault"], errors: unknown[]): Promise<Source | null> {
  try {
    return await lab.open({ fault });
  } catch (error) {
    errors.push(error);
    return null;
  }
}

async function failureOf(work: () => Promise<unknown>, what: string): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  hold(false, `${what} went through`);
  return null;
}

function expectKind(error: unknown, kind: SyncErrorKind, after: string): SyncError {
  hold(SyncError.is(error), `${after} ended in ${nameOf(error)}, which is none of the five errors`);
  hold(error.kind === kind, `${after} ended in ${error.name} instead of an error of kind "${kind}"`);
  hold(error.message !== "", `${after} ended in an error without a message`);
  hold(
    kind === "transient" || (error.hint ?? "") !== "",
    `${after} ended in an error that does not say what to do (hint)`,
  );
  return error;
}

/** Looks through everything that a logger would print. */
function expectClean(lab: Lab, error: unknown): void {
  const shown = [
    inspect(error, { depth: 10, showHidden: true }),
    String(error),
    stackOf(error),
    JSON.stringify(error) ?? "",
  ].join("\n");
  for (const secret of lab.harness.secrets)
    hold(secret === "" || !shown.includes(secret), `${nameOf(error)} carries a secret`);
  hold(!shown.includes(ROW_MARK), `${nameOf(error)} carries the contents of a row`);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? "") : "";
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `an error of class ${error.name}` : `a thrown ${typeof error}`;
}

function withMissingField(stream: Stream): Stream {
  const field = { name: NO_SUCH_FIELD, type: "text", sourceType: "text", nullable: true, unreadable: null } as const;
  return { ...stream, fields: [...stream.fields, field] };
}

export const faultLaws: readonly Law[] = [
  refusedCredentials,
  unreachable,
  missingStream,
  missingField,
  cutConnections,
  keepsSecrets,
];
