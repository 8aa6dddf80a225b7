import { toSecondsText } from "@acme/sql-source";

/**
 * What is under way on a server, and when all of what was is over.
 *
 * **The question.** A row carries the time at which its *statement* began (`current_timestamp`, `now()`), and is seen once its
 * transaction has ended. Up to which moment can nothing turn up any more?
 *
 * **The answer.** A *mark* is a moment and a list of everything that was under way: the statements that were running and the
 * transactions that were open when the moment was over. Once all of it has ended, no row with an earlier time can turn up: whatever
 * wrote one had begun its statement before, so it was running then, or had run and left its transaction open, or had ended.
 *
 * **Why not the oldest transaction's start.** `trx_started` is when InnoDB first heard of a transaction. Its first statement, and
 * with it the time in the row, may have begun long before: it waited for a metadata lock, or computed. Once that statement is
 * over, nothing on the server says when it began. A list does not need to know.
 *
 * **In this order.** The clock is read first, then the sessions, then the transactions. A statement that is over when the
 * sessions are read has its transaction open by then, so that it is found, or ended. The other way round it could slip through
 * between both.
 *
 * **The picture must be fresh.** InnoDB keeps `innodb_trx` for a tenth of a second and answers from what it kept. A look counts only
 * when our own statement stands in what it shows (see look.ts).
 *
 * **Who is who.** A session has one transaction at a time: it is the same one while number and start are the same, and when it
 * is gone so is everything that the session did before. A transaction that has no session any more (prepared by XA) goes by its own
 * number.
 *
 * **Not covered**, and said in the README: times set by the application or `set timestamp`, times copied from another server, a clock
 * that is set back. `lagMs` is for these.
 */
export interface Session {
  readonly thread: string;
  /** Tells a session's statements apart: greater is later. */
  readonly statement: number;
  /** How much `statement` may be off: 0 where the server numbers statements, 1 where it only says for how many seconds they ran. */
  readonly statementSlack: number;
  readonly sinceMicros: bigint;
}

export interface OpenTransaction {
  /** 0: no session has it. */
  readonly thread: string;
  /** InnoDB's number of it; not unique before it has written. */
  readonly id: string;
  readonly started: string;
  readonly sinceMicros: bigint;
  /** It was declared read-only, or is a plain select: it cannot write. */
  readonly isHarmless: boolean;
}

export interface Activity {
  /** Sessions that run a statement. */
  readonly sessions: readonly Session[];
  readonly transactions: readonly OpenTransaction[];
}

/** What was under way at a mark: one session with the statement it ran and the transaction it had, as far as known. */
interface Entry {
  readonly thread: string;
  /** null: it ran none. */
  readonly statement: number | null;
  /** null: it had none yet. */
  readonly transaction: { readonly id: string; readonly started: string } | null;
}

/** InnoDB numbers transactions in rising order once they write; before, the number is 0 or an address. */
const LARGEST_ID = 2 ** 47;

/** Everything under way, as texts for a cursor. */
export function list({ sessions, transactions }: Activity): readonly string[] {
  const transactionOf = new Map(transactions.map((transaction) => [transaction.thread, transaction]));
  const busy = sessions.filter(({ thread }) => transactionOf.get(thread)?.isHarmless !== true);
  const entries = busy.map(
    ({ thread, statement }): Entry => ({ thread, statement, transaction: identify(transactionOf.get(thread)) }),
  );
  const listed = new Set(busy.map(({ thread }) => thread));
  for (const transaction of transactions) {
    if (transaction.isHarmless || (transaction.thread !== "0" && listed.has(transaction.thread))) continue;
    entries.push({ thread: transaction.thread, statement: null, transaction: identify(transaction) });
  }
  return entries.map(toText);
}

function identify(transaction: OpenTransaction | undefined): Entry["transaction"] {
  return transaction === undefined ? null : { id: transaction.id, started: transaction.started };
}

/** What of `open` is still under way, with what has become known of it meanwhile. */
export function remaining(open: readonly string[], activity: Activity): readonly string[] {
  return open.flatMap((text) => {
    const entry = fromText(text);
    return entry === null ? [] : stillOpen(entry, activity).map(toText);
  });
}

function stillOpen(entry: Entry, { sessions, transactions }: Activity): readonly Entry[] {
  const { thread, statement, transaction } = entry;
  const detached = transactions.filter((candidate) => candidate.thread === "0");
  if (thread === "0") return detached.some(({ id }) => id === transaction?.id) ? [entry] : [];
  const current = transactions.find((candidate) => candidate.thread === thread);
  const known = identify(current);
  if (transaction !== null) {
    if (known !== null && isSame(transaction, known)) return [{ ...entry, transaction: known }];
    return detached.filter((candidate) => isSame(transaction, candidate)).map(toDetached);
  }
  // It ran a statement and had no transaction yet. One that it has now may hold what that statement wrote.
  if (known !== null) return current?.isHarmless === true ? [] : [{ ...entry, transaction: known }];
  const session = sessions.find((candidate) => candidate.thread === thread);
  const isSameStatement =
    session !== undefined && statement !== null && session.statement <= statement + session.statementSlack;
  // Nothing tells which of those that were prepared was its own: all of them may be.
  return isSameStatement ? [entry] : detached.map(toDetached);
}

/** A transaction that was prepared and has no session any more. */
function toDetached({ id, started }: OpenTransaction): Entry {
  return { thread: "0", statement: null, transaction: { id, started } };
}

function isSame(before: NonNullable<Entry["transaction"]>, now: NonNullable<Entry["transaction"]>): boolean {
  if (before.started !== now.started) return false;
  // A transaction gets its number when it first writes, and keeps it.
  return before.id === now.id || !isNumbered(before.id);
}

function isNumbered(id: string): boolean {
  const number = Number(id);
  return number > 0 && number < LARGEST_ID;
}

function toText({ thread, statement, transaction }: Entry): string {
  return JSON.stringify([thread, statement, transaction?.id ?? null, transaction?.started ?? null]);
}

function fromText(text: string): Entry | null {
  const parts: unknown = JSON.parse(text);
  if (!Array.isArray(parts)) return null;
  const [thread, statement, id, started] = parts as readonly unknown[];
  return {
    thread: String(thread),
    statement: typeof statement === "number" ? statement : null,
    transaction: typeof id === "string" && typeof started === "string" ? { id, started } : null,
  };
}

/** When the first of all that is under way began, as far as the server says; null when nothing is. */
export function oldest({ sessions, transactions }: Activity): bigint | null {
  const times = [...sessions, ...transactions.filter(({ isHarmless }) => !isHarmless)].map(
    ({ sinceMicros }) => sinceMicros,
  );
  return times.reduce<bigint | null>((least, each) => (least === null || each < least ? each : least), null);
}

/** Who has been at it for longer than `thanMicros`, in words. */
export function whoSince(activity: Activity, clockMicros: bigint, thanMicros: bigint): readonly string[] {
  return activity.transactions
    .filter(({ isHarmless, sinceMicros }) => !isHarmless && clockMicros - sinceMicros > thanMicros)
    .map(({ thread, sinceMicros }) => {
      const who =
        thread === "0" ? "a prepared transaction has been open" : `session ${thread} has had a transaction open`;
      return `reading stays behind: ${who} since ${toSecondsText(sinceMicros)}`;
    });
}
