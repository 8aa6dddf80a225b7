/** What requests are counted by. */
export const families = [
  "login",
  "identity",
  "versions",
  "describe",
  "query",
  "retrieve",
  "bulk",
  "bulk-results",
  "replication",
  "limits",
  "batch",
  "unknown",
] as const;

export type Family = (typeof families)[number];

/** Running totals of requests and answers. */
export class Counters {
  readonly #calls = new Map<Family, number>();
  readonly #rows = new Map<Family, number>();
  readonly #statuses = new Map<number, number>();
  readonly #errorCodes = new Map<string, number>();

  called(family: Family): void {
    add(this.#calls, family, 1);
  }

  answered(family: Family, status: number, rows: number, errorCode: string | undefined): void {
    add(this.#statuses, status, 1);
    if (rows > 0) add(this.#rows, family, rows);
    if (errorCode !== undefined) add(this.#errorCodes, errorCode, 1);
  }

  calls(): Readonly<Record<Family, number>> {
    return byFamily(this.#calls);
  }

  rows(): Readonly<Record<Family, number>> {
    return byFamily(this.#rows);
  }

  statuses(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#statuses);
  }

  errorCodes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#errorCodes);
  }
}

function add<Key>(totals: Map<Key, number>, key: Key, count: number): void {
  totals.set(key, (totals.get(key) ?? 0) + count);
}

function byFamily(totals: ReadonlyMap<Family, number>): Readonly<Record<Family, number>> {
  const of = (family: Family) => totals.get(family) ?? 0;
  return {
    login: of("login"),
    identity: of("identity"),
    versions: of("versions"),
    describe: of("describe"),
    query: of("query"),
    retrieve: of("retrieve"),
    bulk: of("bulk"),
    "bulk-results": of("bulk-results"),
    replication: of("replication"),
    limits: of("limits"),
    batch: of("batch"),
    unknown: of("unknown"),
  };
}
