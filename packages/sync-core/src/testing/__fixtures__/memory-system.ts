import type { JsonObject } from "../../contracts/json.ts";

export interface MemoryRow {
  readonly tenant: string;
  readonly id: number;
  readonly note: string | null;
  /** When it changed, by the system's clock in milliseconds; null: nobody knows. */
  readonly changedAt: number | null;
  readonly more: JsonObject;
}

/** What a source over the memory system was configured with. */
export interface MemoryAccess {
  readonly password: string;
  readonly address: "here" | "nowhere";
  readonly table: string;
}

export interface Session {
  alive: boolean;
}

export const PASSWORD = "s3cr3t-of-memory";
const START = Date.UTC(2026, 0, 5, 12);

/** As drivers throw it: a code, and everything they know in the message. */
export class DriverError extends Error {
  readonly code: string;

  constructor(code: string, access: MemoryAccess) {
    super(`${code} memory://user:${access.password}@${access.address}/${access.table}`);
    this.code = code;
  }
}

/** A table in memory with a clock that moves by a millisecond a write, changes that are committed late, and connections. */
export class MemorySystem {
  readonly rows = new Map<number, MemoryRow>();
  readonly sessions = new Set<Session>();
  #nowMs = START;
  #nextId = 1;
  readonly #open = new Set<MemoryRow>();
  #stalled: Promise<void> | null = null;

  now(): number {
    return this.#nowMs;
  }

  /** Every change before this moment is committed. */
  horizon(): number {
    return Math.min(this.#nowMs + 1, ...[...this.#open].map((row) => row.changedAt ?? this.#nowMs));
  }

  newRow(note: string | null, more: JsonObject = {}): MemoryRow {
    const id = this.#nextId++;
    return { tenant: `tenant ${id % 3}`, id, note, changedAt: this.#nowMs, more };
  }

  tick(): void {
    this.#nowMs += 1;
  }

  write(row: MemoryRow): void {
    this.rows.set(row.id, row);
  }

  begin(note: string): { commit(): MemoryRow } {
    this.tick();
    const row = this.newRow(note);
    this.#open.add(row);
    return {
      commit: () => {
        this.#open.delete(row);
        this.write(row);
        return row;
      },
    };
  }

  stall(): () => Promise<void> {
    let goOn = (): void => undefined;
    this.#stalled = new Promise((resolve) => {
      goOn = resolve;
    });
    return async () => {
      this.#stalled = null;
      goOn();
    };
  }

  cut(): void {
    for (const session of this.sessions) session.alive = false;
    this.sessions.clear();
  }

  connect(access: MemoryAccess): Session {
    if (access.address === "nowhere") throw new DriverError("ECONNREFUSED", access);
    if (access.password !== PASSWORD) throw new DriverError("BAD_PASSWORD", access);
    const session: Session = { alive: true };
    this.sessions.add(session);
    return session;
  }

  /** One request and its answer. Rejects with the signal's reason as soon as it is aborted. */
  async request<T>(session: Session, access: MemoryAccess, signal: AbortSignal, work: () => T): Promise<T> {
    signal.throwIfAborted();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    await Promise.race([this.#stalled ?? nextTurn(), aborted]);
    signal.throwIfAborted();
    if (!session.alive) throw new DriverError("ECONNRESET", access);
    if (access.table !== "notes") throw new DriverError("NO_SUCH_TABLE", access);
    return work();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
