import { hash } from "node:crypto";
import type { Json } from "../contracts/json.ts";
import type { MappedProperty, MappedRow } from "../contracts/line.ts";
import type { Mapping } from "../contracts/mapping.ts";

/**
 * A row's digest is 16 bytes for identity and structured values, then 16 for each extracting property: 4 that name the
 * property, 12 for its value. So it can be told which text has to be extracted again, also after the mapping gained or lost
 * an extracting property. Only mapped values count: other columns may change as they like.
 */
export const STRUCTURED_BYTES = 16;
export const EXTRACTING_BYTES = 16;
export const NAME_BYTES = 4;

export interface Digester {
  digest(row: MappedRow): Uint8Array;
}

/** @returns a digester for one mapping. What a property is called and where it goes is part of every digest. */
export function createDigester(mapping: Mapping): Digester {
  const keys = [mapping.identity, mapping.secondaryKey].map((key) =>
    key === null ? null : [key.kind, key.keyName, key.sourceField],
  );
  const structuredHead = toHead(["1", mapping.entityType, keys, mapping.structured.map(place)]);
  const extractingHeads = mapping.extracting.map((property) => toHead(["1", mapping.entityType, place(property)]));
  const extractingNames = extractingHeads.map((head) => sha256(head).subarray(0, NAME_BYTES));

  return {
    digest(row) {
      const bytes = Buffer.allocUnsafe(STRUCTURED_BYTES + EXTRACTING_BYTES * mapping.extracting.length);
      writeSha256(structuredHead + JSON.stringify([row.identity, row.structured]), bytes, 0, STRUCTURED_BYTES);
      let offset = STRUCTURED_BYTES;
      for (const [index, head] of extractingHeads.entries()) {
        extractingNames[index]?.copy(bytes, offset);
        const value = row.extracting[index] ?? null;
        // With its record: a row that becomes another record takes its texts along, and empties those it finds there.
        const text = head + JSON.stringify([row.record, isNothing(value) ? null : value]);
        writeSha256(text, bytes, offset + NAME_BYTES, EXTRACTING_BYTES - NAME_BYTES);
        offset += EXTRACTING_BYTES;
      }
      return bytes;
    },
  };
}

/** Nothing to extract from: never worth a call for a record that has nothing there yet. */
export function isNothing(value: Json): boolean {
  return value === null || value === "";
}

/** Stands for the mapping in every row's digest; the mapping itself is longer than most rows. */
function toHead(mapping: Json): string {
  return sha256(JSON.stringify(mapping)).toString("base64");
}

function place(property: MappedProperty): string[] {
  return [property.name, property.collectionId, property.field];
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

/** The first `length` bytes of a hash, without a buffer of its own for each: that would take as long as the hash. */
function writeSha256(text: string, target: Buffer, offset: number, length: number): void {
  target.write(hash("sha256", text, "binary"), offset, length, "latin1");
}
