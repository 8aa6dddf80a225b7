import * as fc from "fast-check";
import type { Json, JsonObject } from "../../contracts/json.ts";
import type { BatchLimits, MappedProperty, RecordKind } from "../../contracts/line.ts";
import type { Row } from "../../contracts/source.ts";
import type { Mapping } from "../../contracts/mapping.ts";
import type { TransformName } from "../../mapping/transforms.ts";

export interface MappingSketch {
  readonly structured?: readonly string[];
  readonly extracting?: readonly string[];
  /** Property → transform of its value. */
  readonly transforms?: Readonly<Record<string, TransformName>>;
  readonly identity?: Mapping["identity"];
  readonly secondaryKey?: Mapping["secondaryKey"];
  readonly where?: Mapping["where"];
}

/** A checked mapping in which every property comes from the source field of its own name. */
export function sketchMapping(sketch: MappingSketch = {}): Mapping {
  const { structured = ["age", "name"], extracting = ["bio", "notes"], transforms = {}, where = [] } = sketch;
  const identity = sketch.identity ?? { kind: "email", keyName: null, sourceField: "email" };
  const secondaryKey = sketch.secondaryKey ?? null;
  const values = new Map<string, { sourceField: string; transform: TransformName | null }>();
  const property = (name: string, extract: boolean): MappedProperty => {
    const transform = transforms[name] ?? null;
    const field = transform === null ? name : `${name}:${transform}`;
    values.set(field, { sourceField: name, transform });
    return { name, collectionId: "col_1", collectionName: "Contacts", extract, field };
  };
  return {
    entityType: "contact",
    runName: "test",
    identity,
    secondaryKey,
    structured: structured.map((name) => property(name, false)),
    extracting: extracting.map((name) => property(name, true)),
    values,
    where,
    sourceFields: [
      ...new Set([
        identity.sourceField,
        ...(secondaryKey === null ? [] : [secondaryKey.sourceField]),
        ...where.map(({ field }) => field),
        ...structured,
        ...extracting,
      ]),
    ],
  };
}

/** A row that the default sketch can map. */
export function sourceRow(key: string, fields: JsonObject = {}): Row {
  return { key, fields: { email: `${key}@example.com`, age: 1, name: "n", bio: "b", notes: "t", ...fields } };
}

export const anyJson: fc.Arbitrary<Json> = fc.json({ maxDepth: 3 }).map((text): Json => JSON.parse(text));

export const byEmail: RecordKind = { entityType: "contact", kind: "email", keyName: null };

export const roomy: BatchLimits = {
  maxRows: 100,
  maxBytes: 8_000_000,
  maxRowCharacters: 100_000,
  rateUnit: "row",
  chunkSize: 1,
};
