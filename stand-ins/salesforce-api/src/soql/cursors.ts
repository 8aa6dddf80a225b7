import { DAY_MS } from "@acme/stand-in-kit";
import { withSuffix } from "../org/ids.ts";
import type { ResultSet } from "./execute.ts";

/** A result that is read page by page. */
export interface Cursor {
  readonly locator: string;
  readonly result: ResultSet;
  readonly pageRows: number;
  /** Of the session that asked. */
  readonly sessionId: string;
  readonly expiresAtMs: number;
}

/** All positions that cursors hold together; beyond it the oldest is forgotten. */
const MAX_HELD_ROWS = 20_000_000;
const LIFE_MS = 2 * DAY_MS;

/** The results that can still be paged through. */
export class Cursors {
  readonly #cursors = new Map<string, Cursor>();
  #held = 0;
  #opened = 0;

  open(result: ResultSet, pageRows: number, sessionId: string, nowMs: number): Cursor {
    this.#opened += 1;
    const locator = withSuffix(`0r8Hp${this.#opened.toString(36).padStart(10, "0")}`);
    const cursor = { locator, result, pageRows, sessionId, expiresAtMs: nowMs + LIFE_MS };
    this.#cursors.set(locator, cursor);
    this.#held += result.positions.length;
    for (const oldest of this.#cursors.values()) {
      if (this.#held <= MAX_HELD_ROWS || oldest === cursor) break;
      this.#forget(oldest);
    }
    return cursor;
  }

  find(locator: string, nowMs: number): Cursor | undefined {
    const cursor = this.#cursors.get(locator);
    if (cursor === undefined || cursor.expiresAtMs > nowMs) return cursor;
    this.#forget(cursor);
    return undefined;
  }

  /** Every locator given so far is unknown from now on. */
  clear(): void {
    this.#cursors.clear();
    this.#held = 0;
  }

  #forget(cursor: Cursor): void {
    if (this.#cursors.delete(cursor.locator)) this.#held -= cursor.result.positions.length;
  }
}
