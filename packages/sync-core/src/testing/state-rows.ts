import { createHash } from "node:crypto";
import type { Batch } from "../contracts/line.ts";

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
  return { id, page: 0, properties: [], rows, bytes: 0, units: rows.length };
}

export function rowsOf(...keys: readonly string[]): { key: string; digest: Uint8Array }[] {
  return keys.map((key) => ({ key, digest: toDigest(key) }));
}
