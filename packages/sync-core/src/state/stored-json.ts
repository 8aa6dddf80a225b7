import type { RecordKind } from "../contracts/line.ts";
import type { Receipt } from "../contracts/receipt.ts";
import type { Cursor, ProvedInterval } from "../contracts/source.ts";

/* JSON that this store wrote itself, as what it was written from. */

export function toCursor(text: string | null): Cursor | null {
  return text === null ? null : JSON.parse(text);
}

export function toProvedInterval(text: string | null): ProvedInterval | null {
  return text === null ? null : JSON.parse(text);
}

export function toRecordKind(text: string | null): RecordKind | null {
  return text === null ? null : JSON.parse(text);
}

export function toReceipt(text: string): Receipt {
  return JSON.parse(text);
}
