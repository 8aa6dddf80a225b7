import { createHash } from "node:crypto";
import type { Batch, ParkedRow } from "../contracts/line.ts";
import type { Receipt } from "../contracts/receipt.ts";
import type { SyncState } from "../contracts/state.ts";
import type { StatePiece } from "../contracts/state-transfer.ts";

export function toDigest(text: string): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(text).digest());
}

export function toBatch(id: string, keys: readonly string[]): Batch {
  const rows = keys.map((key) => ({
    key,
    record: `record of ${key}`,
    values: { secret: "never stored" },
    digest: toDigest(key),
    isNew: true,
    aiCharacters: 0,
    superseded: [],
  }));
  const recordKind = { entityType: "contact", kind: "customKey", keyName: "a \0 name" } as const;
  return { id, page: 0, recordKind, properties: [], rows, bytes: 0, units: rows.length };
}

export function rowsOf(...keys: readonly string[]): { key: string; digest: Uint8Array }[] {
  return keys.map((key) => ({ key, digest: toDigest(key) }));
}

export function toReceipt(runId: string): Receipt {
  return {
    sync: "customers",
    runId,
    startedAt: "2026-11-22T00:00:00.000Z",
    finishedAt: "2026-11-22T00:01:00.000Z",
    outcome: "done",
    exitCode: 0,
    message: "Everything landed.",
    hint: null,
    landingMs: null,
    versions: { core: "1", connector: "1", sdk: "1" },
    configDigest: "c",
    organizationId: "o",
    proved: null,
    rows: {
      read: 1,
      unchanged: 0,
      filtered: 0,
      superseded: 0,
      parked: 0,
      unsent: 0,
      sent: 1,
      landed: 1,
      refused: 0,
      deleted: 0,
    },
    calls: 1,
    units: 1,
    waitedMs: { rate: 10 },
    aiCharacters: 0,
    cursorBefore: null,
    cursorAfter: { page: 1 },
    previousReceipt: null,
  };
}

/** All of them, in order. */
export async function collect(pieces: AsyncIterable<StatePiece>): Promise<StatePiece[]> {
  const all: StatePiece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

/** Longer than what a page of an index holds, and no shorter when it is packed. */
export const incompressible = Array.from({ length: 200 }, (_, part) =>
  Buffer.from(toDigest(String(part))).toString("hex"),
).join("");

export function packed(...keys: readonly string[]): { key: string; record: string; digest: Uint8Array }[] {
  return keys.map((key) => ({ key, record: `record of ${key}`, digest: toDigest(key) }));
}

export function toParked(key: string, code = "refused", version = key): ParkedRow {
  return { key, code, reason: `because of ${key}`, digest: toDigest(version) };
}

/** With a page that shows nothing. */
export async function beginEnumeration(state: SyncState, selection: string): Promise<void> {
  await state.checkpoint("at", null, { begins: selection, seen: [], gone: [], identities: [] });
}

export async function land(state: SyncState, keys: readonly string[], version: string): Promise<void> {
  const landed = keys.map((key) => ({ key, digest: toDigest(version) }));
  await state.settle({ batchId: "any", landed, parked: [], replacedBy: [] });
}
