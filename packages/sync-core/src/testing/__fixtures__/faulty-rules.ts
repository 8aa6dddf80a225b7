import { AuthError, TransientError } from "../../contracts/errors.ts";
import type { Cursor } from "../../contracts/source.ts";
import { pause } from "../broken-law.ts";
import { DriverError } from "./memory-system.ts";
import { honest, honestInFull, type MemoryCursor, type Rules, toFields } from "./memory-source.ts";

/** A planted bug, and the law that is there to catch it. */
export interface FaultyRules {
  readonly bug: string;
  /** The beginning of the law's name. */
  readonly caughtBy: string;
  readonly rules: Rules;
}

const asText = (id: number): string => String(id);

/** Bugs in how a read decides where it goes on, what belongs to it, and what an error becomes. */
export const faultyRules: readonly FaultyRules[] = [
  {
    bug: "goes on strictly behind the last time, so that ties are lost at the edge of a page",
    caughtBy: "loses none of thousands",
    rules: { ...honest, isBehind: (row, { changedAt }) => (row.changedAt ?? 0) > changedAt },
  },
  {
    bug: "orders keys as numbers and compares them as text, so that ties of another length are lost",
    caughtBy: "loses none of thousands",
    rules: {
      ...honest,
      isBehind: (row, { changedAt, id }) =>
        (row.changedAt ?? 0) > changedAt || (row.changedAt === changedAt && asText(row.id) > asText(id)),
    },
  },
  {
    bug: "takes the last time again and leaves out only the last row, so that it goes round in ties",
    caughtBy: "moves its cursor",
    rules: {
      ...honest,
      isBehind: (row, { changedAt, id }) => (row.changedAt ?? 0) >= changedAt && row.id !== id,
    },
  },
  {
    bug: "has a cursor that points behind the next page",
    caughtBy: "misses nothing when it goes on from any page's cursor",
    rules: {
      ...honest,
      positionAfter: (page, rest, before) => honest.positionAfter(rest.slice(0, page.length), [], before),
    },
  },
  {
    bug: "takes the clock at the end of a read as its cursor",
    caughtBy: "loses nothing to those who write",
    rules: {
      ...honest,
      positionAtEnd: (_position, system) => ({ changedAt: system.now(), id: Number.MAX_SAFE_INTEGER }),
    },
  },
  {
    bug: "takes an empty table for one that is done until tomorrow",
    caughtBy: "reads an empty table",
    rules: {
      ...honest,
      positionAtEnd: (position, system) => position ?? { changedAt: system.now() + 86_400_000, id: 0 },
    },
  },
  {
    bug: "does not think of changes that are committed late",
    caughtBy: "does not lose a change that was committed",
    rules: { ...honest, horizon: (system) => system.now() + 1 },
  },
  {
    bug: "reads up to the greatest value there is, whatever is still under way below it",
    caughtBy: "does not lose a change that was committed",
    rules: {
      ...honest,
      horizon: (system) => 1 + Math.max(0, ...[...system.rows.values()].map((row) => row.changedAt ?? 0)),
    },
  },
  {
    bug: "claims to have read up to the clock where it stopped below a change under way",
    caughtBy: "claims to have read an interval only",
    rules: { ...honest, claim: (system) => system.now() + 1 },
  },
  {
    bug: "pages past rows without a time",
    caughtBy: "reads rows whose cursor field is null",
    rules: { ...honest, readsUnstamped: false },
  },
  {
    bug: "does not start over after a full comparison",
    caughtBy: "reads only what changed",
    rules: { ...honestInFull, positionAtEnd: (position) => position },
  },
  {
    bug: "compares everything again though it has a cursor field",
    caughtBy: "reads only what changed",
    rules: { ...honest, positionAtEnd: () => null },
  },
  {
    bug: "takes part of the key for the whole of it",
    caughtBy: "gives every row a key of its own",
    rules: { ...honest, keyOf: (row) => row.tenant },
  },
  {
    bug: "gives all fields, whichever were asked for",
    caughtBy: "reads only the fields asked for",
    rules: { ...honest, fieldsOf: (row) => toFields(row) },
  },
  {
    bug: "leaves null out",
    caughtBy: "reads every row exactly",
    rules: {
      ...honest,
      fieldsOf: (row, names) =>
        Object.fromEntries(Object.entries(honest.fieldsOf(row, names)).filter(([, value]) => value !== null)),
    },
  },
  {
    bug: "gives decimals as numbers",
    caughtBy: "gives a value of every type",
    rules: {
      ...honest,
      fieldsOf: (row, names) => {
        const fields = honest.fieldsOf(row, names);
        return typeof fields["amount"] === "string" ? { ...fields, amount: Number(fields["amount"]) } : fields;
      },
    },
  },
  {
    bug: "takes a cursor that it did not make for one at the end",
    caughtBy: "refuses a cursor that it did not make",
    rules: { ...honest, parse: parseAnything },
  },
  {
    bug: "waits for news when there are none",
    caughtBy: "ends at once",
    rules: { ...honest, atEnd: () => pause(2500) },
  },
  {
    bug: "lets the driver's own error through, connection string included",
    caughtBy: "answers a system that cannot be reached",
    rules: { ...honest, toSyncError: (error) => error },
  },
  {
    bug: "puts the connection string into the message",
    caughtBy: "puts no secret",
    rules: {
      ...honest,
      toSyncError: (error, access, system) =>
        error instanceof DriverError && error.code === "ECONNREFUSED"
          ? new TransientError(`cannot reach it: ${error.message}`, { hint: "Start it." })
          : honest.toSyncError(error, access, system),
    },
  },
  {
    bug: "keeps the driver's error as the cause, where loggers find the password",
    caughtBy: "puts no secret",
    rules: {
      ...honest,
      toSyncError: (error, access, system) =>
        error instanceof DriverError && error.code === "BAD_PASSWORD"
          ? new AuthError("the password was refused", { hint: "Correct it.", cause: error })
          : honest.toSyncError(error, access, system),
    },
  },
  {
    bug: "takes a refused password for a passing fault",
    caughtBy: "answers wrong credentials",
    rules: {
      ...honest,
      toSyncError: (error, access, system) =>
        error instanceof DriverError && error.code === "BAD_PASSWORD"
          ? new TransientError("the system did not answer")
          : honest.toSyncError(error, access, system),
    },
  },
  {
    bug: "does not say what to do about a table that is not there",
    caughtBy: "answers a table that is not there",
    rules: {
      ...honest,
      toSyncError: (error, access, system) =>
        error instanceof DriverError && error.code === "NO_SUCH_TABLE"
          ? new AuthError("the table was refused")
          : honest.toSyncError(error, access, system),
    },
  },
];

function parseAnything(cursor: Cursor): MemoryCursor {
  try {
    return honest.parse(cursor);
  } catch {
    return { position: { changedAt: Number.MAX_SAFE_INTEGER, id: 0 }, unstamped: "done", provedThrough: null };
  }
}
