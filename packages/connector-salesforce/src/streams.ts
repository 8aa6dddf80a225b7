import { ConfigError, type Field, type Stream } from "@acme/sync-core";
import type { SalesforceClient } from "./salesforce-client.ts";
import type { SalesforceConfig } from "./config.ts";
import { toSoql } from "./query.ts";
import { QueryTimeout } from "./errors.ts";
import type { FieldDescription, ObjectDescription } from "./responses.ts";
import type { Column, Description } from "./subject.ts";
import { toKind } from "./values.ts";

/** Fields that show when a record changed, best first. The later ones stand still when the system changes a record. */
const CURSORS = ["SystemModstamp", "LastModifiedDate", "CreatedDate", "LoginTime"] as const;
/** What Salesforce keeps about objects, rather than records: nobody's data. */
const ABOUT_OBJECTS = /(?:__Share|Share|__Feed|Feed|__History|__ChangeEvent|ChangeEvent|__Tag|__ViewStat|__VoteStat)$/;
const LONGEST_EXPECTED = 80;

/**
 * An object as it is in this org now, for this user.
 * @throws ConfigError when there is none, it cannot be queried, or a configured field is not among those that the user may see.
 */
export async function describeObject(
  client: SalesforceClient,
  name: string,
  config: SalesforceConfig,
  signal: AbortSignal,
): Promise<Description> {
  const described = await client.describe(name, signal);
  if (described.queryable === false) {
    throw new ConfigError(`object: ${described.name} cannot be queried by this user`, {
      hint: "Give the user Read on it, or choose another object; `discover` lists what can be queried.",
    });
  }
  const description = toDescription(described, config);
  const parents = await describeParents(client, described, config.relationships ?? null, signal);
  const columns = new Map([...description.columns, ...parents]);
  return { ...description, columns, estimatedRows: await countRows(client, described.name, signal) };
}

/** What one description says, without parents. @throws ConfigError where the configuration does not fit. */
export function toDescription(described: ObjectDescription, config: SalesforceConfig): Description {
  const { name } = described;
  const fields = described.fields.filter((field) => field.deprecatedAndHidden !== true);
  const existing = new Set(fields.map((field) => field.name));
  const cursorCandidates = CURSORS.filter((candidate) =>
    fields.some((field) => field.name === candidate && isCursor(field)),
  );
  const cursorField = chooseCursor(name, fields, config.cursor ?? null) ?? cursorCandidates[0] ?? null;
  for (const wanted of config.fields ?? []) {
    if (existing.has(wanted)) continue;
    const similar = [...existing].find((field) => field.toLowerCase() === wanted.toLowerCase());
    throw new ConfigError(`fields: ${name} has no field ${wanted} that this user may see`, {
      hint:
        similar === undefined
          ? "Correct the name, or grant Read on the field in a permission set (field-level security). `discover` lists what there is."
          : `It is called ${similar}.`,
    });
  }
  const offered = config.fields === undefined ? null : new Set([...config.fields, "Id", cursorField]);
  return {
    object: name,
    columns: new Map(
      fields
        .filter((field) => offered === null || offered.has(field.name))
        .map((field) => [field.name, toColumn(field, null)]),
    ),
    existing,
    cursorField,
    cursorCandidates: [...new Set([...(cursorField === null ? [] : [cursorField]), ...cursorCandidates])],
    hasDeletionLog: described.replicateable === true,
    estimatedRows: null,
  };
}

function isCursor({ type, filterable, sortable }: FieldDescription): boolean {
  return type === "datetime" && filterable === true && sortable !== false;
}

function chooseCursor(object: string, fields: readonly FieldDescription[], configured: string | null): string | null {
  if (configured === null) return null;
  const field = fields.find(({ name }) => name === configured);
  if (field !== undefined && isCursor(field)) return configured;
  throw new ConfigError(
    field === undefined
      ? `cursor: ${object} has no field ${configured} that this user may see`
      : `cursor: ${configured} of ${object} is no time that can be filtered and sorted by`,
    { hint: "Leave cursor out: it is then found." },
  );
}

/** The same for a field of a parent, whose path stands before its name. */
function toColumn(field: FieldDescription, path: string | null): Column {
  const { kind, type, unreadable } = toKind(field.type);
  const name = path === null ? field.name : `${path}.${field.name}`;
  return {
    field: { name, type, sourceType: describe(field), nullable: name !== "Id", unreadable } satisfies Field,
    kind,
    isCalculated: path !== null || field.calculated === true,
    expectedBytes: Math.min(LONGEST_EXPECTED, Math.max(8, (field.length ?? 0) / 3 || 20)),
  };
}

function describe({ type, length, calculated, custom, label, name, referenceTo }: FieldDescription): string {
  const words = [(length ?? 0) > 0 && /^(?:string|textarea)$/.test(type) ? `${type}(${length})` : type];
  if ((referenceTo?.length ?? 0) > 0) words.push(`to ${referenceTo?.slice(0, 3).join(" or ")}`);
  if (calculated === true) words.push("formula");
  if (custom === true) words.push("custom");
  if (label != null && label !== "" && label !== name) words.push(`"${label}"`);
  return words.join(", ");
}

/** A parent that may be of several types shows no more than these. */
const POLYMORPHIC: readonly FieldDescription[] = [
  { name: "Name", type: "string" },
  { name: "Type", type: "picklist" },
];

interface Step {
  readonly path: string;
  readonly targets: readonly string[];
}

/**
 * The fields of parents, by path. One call describes 25 objects, and each level of a path takes one.
 * @param wanted paths of relationship names; null: all direct parents.
 * @throws ConfigError where a configured path leads nowhere.
 */
async function describeParents(
  client: SalesforceClient,
  described: ObjectDescription,
  wanted: readonly string[] | null,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Column>> {
  const known = new Map<string, ObjectDescription | null>([[described.name, described]]);
  const columns = new Map<string, Column>();
  const paths = wanted ?? relationshipsOf(described).map(([name]) => name);
  let steps: readonly Step[] = [{ path: "", targets: [described.name] }];
  while (steps.length > 0) {
    const next = steps.flatMap(({ path, targets: [only, ...others] }): Step[] => {
      const parent = others.length === 0 ? known.get(only ?? "") : null;
      const relationships = parent == null ? [] : relationshipsOf(parent);
      return relationships
        .map(([name, targets]) => ({ path: path === "" ? name : `${path}.${name}`, targets }))
        .filter((step) => paths.some((each) => each === step.path || each.startsWith(`${step.path}.`)));
    });
    const unknown = [...new Set(next.flatMap(({ targets }) => (targets.length === 1 ? targets : [])))].filter(
      (name) => !known.has(name),
    );
    const found = unknown.length === 0 ? [] : await client.describeMany(unknown, signal);
    for (const [index, name] of unknown.entries()) known.set(name, found[index] ?? null);
    for (const { path, targets } of next) {
      if (!paths.includes(path)) continue;
      const [only, ...others] = targets;
      const fields = others.length > 0 ? POLYMORPHIC : (known.get(only ?? "")?.fields ?? []);
      for (const field of fields) {
        const column = toColumn(field, path);
        if (field.deprecatedAndHidden !== true && column.field.unreadable === null)
          columns.set(column.field.name, column);
      }
    }
    steps = next;
  }
  for (const path of wanted ?? []) {
    if ([...columns.keys()].some((name) => name.startsWith(`${path}.`))) continue;
    throw new ConfigError(`relationships: ${described.name} has no parent "${path}" that this user may see`, {
      hint: `Direct ones are ${relationshipsOf(described)
        .map(([name]) => name)
        .join(", ")}.`,
    });
  }
  return columns;
}

function relationshipsOf({ fields }: ObjectDescription): readonly (readonly [string, readonly string[]])[] {
  return fields.flatMap(({ relationshipName, referenceTo, deprecatedAndHidden }) =>
    relationshipName == null || (referenceTo ?? []).length === 0 || deprecatedAndHidden === true
      ? []
      : [[relationshipName, referenceTo ?? []] as const],
  );
}

/** null: Salesforce does not count them in time. */
async function countRows(client: SalesforceClient, object: string, signal: AbortSignal): Promise<number | null> {
  try {
    const soql = toSoql({ object, fields: ["COUNT"], where: [] }).replace("COUNT", "COUNT()");
    return (await client.query(soql, false, `counting ${object}`, signal)).totalSize;
  } catch (error) {
    if (error instanceof ConfigError || error instanceof QueryTimeout) return null;
    throw error;
  }
}

export function toStream({ object, columns, cursorField, cursorCandidates, estimatedRows }: Description): Stream {
  return {
    name: object,
    fields: [...columns.values()].map((column) => column.field),
    key: ["Id"],
    cursorField,
    cursorCandidates: [...cursorCandidates],
    estimatedRows,
  };
}

/** Everything that this user can query, 25 objects a call. What cannot be described is left out. */
export async function listStreams(
  client: SalesforceClient,
  config: SalesforceConfig,
  signal: AbortSignal,
): Promise<readonly Description[]> {
  const objects = await client.listObjects(signal);
  const names = objects
    .filter(
      ({ name, queryable, deprecatedAndHidden }) =>
        queryable === true && deprecatedAndHidden !== true && !ABOUT_OBJECTS.test(name),
    )
    .map(({ name }) => name);
  const described = await client.describeMany(names, signal);
  // Fields and cursors of one object do not exist on the others.
  const { fields: _fields, cursor: _cursor, ...rest } = config;
  return described.flatMap((each) => (each === null || each.queryable === false ? [] : [toDescription(each, rest)]));
}
