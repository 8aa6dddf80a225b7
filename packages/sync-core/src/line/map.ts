import { ConfigError } from "../contracts/errors.ts";
import type { Json } from "../contracts/json.ts";
import type { MappedProperty, MappedRow, ParkedRow } from "../contracts/line.ts";
import type { Row } from "../contracts/source.ts";
import type { MappedIdentity, Mapping } from "../contracts/mapping.ts";
import { meetsWhere } from "../mapping/meets-where.ts";
import { normaliseIdentity } from "../mapping/normalise-identity.ts";
import { applyTransform } from "../mapping/transforms.ts";

export interface MapResult {
  readonly rows: readonly MappedRow[];
  readonly parked: readonly ParkedRow[];
  /** Rows left out by `where`, and rows that were deleted at the source: their records stay. */
  readonly filtered: number;
  /** Older versions of a row that the same page held again. */
  readonly superseded: number;
}

/**
 * Puts rows into the destination's terms. Values stay as the source gave them unless the mapping names a transform.
 * Rows without an identity are parked. Of two versions of one row key in a page the later one counts.
 * @throws ConfigError when a row lacks a mapped field: the destination would write a silent null.
 */
export function map(rows: readonly Row[], mapping: Mapping): MapResult {
  const mapped = new Map<string, MappedRow>();
  const parked = new Map<string, ParkedRow>();
  const structured = howToGet(mapping.structured, mapping);
  const extracting = howToGet(mapping.extracting, mapping);
  let filtered = 0;
  let superseded = 0;

  for (const row of rows) {
    if (mapped.delete(row.key) || parked.delete(row.key)) superseded += 1;
    if (row.deleted === true) {
      filtered += 1;
      continue;
    }
    for (const field of mapping.sourceFields) {
      if (row.fields[field] === undefined) {
        throw new ConfigError(`Field "${field}" is mapped, but a row came without it`, {
          hint: "It may have been renamed or removed at the source. Run `discover` and correct the mapping. Nothing of this page was sent.",
        });
      }
    }
    if (!meetsWhere(row.fields, mapping.where)) {
      filtered += 1;
      continue;
    }
    const identity = identityOf(row, mapping.identity);
    if (typeof identity !== "string") {
      parked.set(row.key, { key: row.key, digest: null, ...identity });
      continue;
    }
    mapped.set(row.key, {
      key: row.key,
      record: identity,
      identity: identityFields(row, mapping),
      structured: valuesOf(row, structured),
      extracting: valuesOf(row, extracting),
    });
  }
  return { rows: [...mapped.values()], parked: [...parked.values()], filtered, superseded };
}

function identityOf(row: Row, identity: MappedIdentity): string | { code: string; reason: string } {
  const value = row.fields[identity.sourceField] ?? null;
  if (value === null || value === "") {
    return {
      code: "NO_IDENTITY",
      reason: `${identity.kind} comes from "${identity.sourceField}", which is empty in this row`,
    };
  }
  if (typeof value !== "string" && typeof value !== "number") {
    return {
      code: "NO_IDENTITY",
      reason: `${identity.kind} comes from "${identity.sourceField}", which is neither text nor a number in this row`,
    };
  }
  return (
    normaliseIdentity(identity.kind, String(value)) ?? {
      code: "NO_IDENTITY",
      reason: `${identity.kind} comes from "${identity.sourceField}", which is blank in this row`,
    }
  );
}

function identityFields(row: Row, mapping: Mapping): Record<string, Json> {
  const fields: Record<string, Json> = {
    [mapping.identity.sourceField]: row.fields[mapping.identity.sourceField] ?? null,
  };
  const second = mapping.secondaryKey;
  if (second !== null) fields[second.sourceField] = row.fields[second.sourceField] ?? null;
  return fields;
}

type HowToGet = ReturnType<Mapping["values"]["get"]>;

function howToGet(properties: readonly MappedProperty[], mapping: Mapping): HowToGet[] {
  return properties.map((property) => mapping.values.get(property.field));
}

function valuesOf(row: Row, wanted: readonly HowToGet[]): Json[] {
  const values: Json[] = [];
  for (const how of wanted) {
    const value = how === undefined ? null : (row.fields[how.sourceField] ?? null);
    const isPlain = how === undefined || how.transform === null || value === null;
    values.push(isPlain ? value : applyTransform(how.transform, value));
  }
  return values;
}
