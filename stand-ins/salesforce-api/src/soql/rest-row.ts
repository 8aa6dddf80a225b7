import type { FieldDefinition } from "../org/field-definition.ts";
import type { Org } from "../org/org.ts";
import type { Row } from "../org/row.ts";
import { toRestJson } from "../values.ts";
import { follow, readOwn, type ResolvedPath, type Step } from "./resolve-path.ts";

/** The selected fields of one level, and the parents below it in the order in which they were first named. */
interface Level {
  readonly members: (
    | { readonly kind: "field"; readonly field: FieldDefinition }
    | { readonly kind: "parent"; readonly step: Step; readonly level: Level }
  )[];
}

/** Writes rows as REST does: fields as they were selected, parents as objects of their own. */
export type RowWriter = (row: Row) => string;

/** How rows are written. */
export interface RowWriterOptions {
  readonly org: Org;
  /** Of the API, for addresses. */
  readonly version: string;
  readonly nowMs: number;
  /** Whether large numbers are written with an exponent. */
  readonly exponents: boolean;
}

export function createRowWriter(columns: readonly ResolvedPath[], options: RowWriterOptions): RowWriter {
  const { org, version, nowMs } = options;
  const top = toLevel(columns);
  const write = (row: Row, level: Level, isGeneric: boolean): string => {
    const id = row.table.idOf(row.position);
    const type = isGeneric ? "Name" : row.table.name;
    const url = `/services/data/v${version}/sobjects/${row.table.name}/${id}`;
    let text = `{"attributes":{"type":"${type}","url":"${url}"}`;
    for (const member of level.members) {
      if (member.kind === "field") {
        text += `,${JSON.stringify(member.field.name)}:${writeField(row, member.field, isGeneric, options)}`;
        continue;
      }
      const parent = follow(org, row, member.step, nowMs);
      const written = parent === undefined ? "null" : write(parent, member.level, member.step.target === undefined);
      text += `,${JSON.stringify(member.step.name)}:${written}`;
    }
    return `${text}}`;
  };
  return (row) => write(row, top, false);
}

function writeField(
  row: Row,
  field: FieldDefinition,
  isGeneric: boolean,
  { version, exponents }: RowWriterOptions,
): string {
  if (field.parts !== undefined) return writeAddress(row, field.parts);
  if (field.type === "base64") {
    return JSON.stringify(
      `/services/data/v${version}/sobjects/${row.table.name}/${row.table.idOf(row.position)}/${field.name}`,
    );
  }
  return toRestJson(readOwn(row, field, isGeneric), field, exponents);
}

/** Null when every part is. */
function writeAddress(row: Row, parts: Readonly<Record<string, string>>): string {
  const values: Record<string, unknown> = { geocodeAccuracy: null };
  for (const [part, name] of Object.entries(parts)) {
    const field = row.table.field(name);
    values[part] = field === undefined ? null : row.table.value(row.position, row.version, field);
  }
  return Object.values(values).every((value) => value === null) ? "null" : JSON.stringify(values);
}

function toLevel(columns: readonly ResolvedPath[]): Level {
  const top: Level = { members: [] };
  for (const { steps, field } of columns) {
    let level = top;
    for (const step of steps) level = descend(level, step);
    level.members.push({ kind: "field", field });
  }
  return top;
}

function descend(level: Level, step: Step): Level {
  for (const member of level.members) {
    if (member.kind === "parent" && member.step.name === step.name) return member.level;
  }
  const below: Level = { members: [] };
  level.members.push({ kind: "parent", step, level: below });
  return below;
}
