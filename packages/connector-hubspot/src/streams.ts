import { ConfigError, type Field, type Stream, SyncError } from "@acme/sync-core";
import type { HubspotClient } from "./hubspot-client.ts";
import type { HubspotConfig } from "./config.ts";
import { PermissionError } from "./errors.ts";
import { findModifiedProperty, modifiedMs, modifiedNames } from "./modified-property.ts";
import { readOwners } from "./read-owners.ts";
import {
  findCustom,
  findStandard,
  isCustomPath,
  type ObjectType,
  OWNERS,
  standardTypes,
  toCustomType,
} from "./object-types.ts";
import {
  type CustomSchema,
  type HubspotRecord,
  listAnswer,
  propertiesAnswer,
  type PropertyDefinition,
  schemasAnswer,
  searchAnswer,
} from "./responses.ts";
import { type Description, KEY, toAssociationFields } from "./subject.ts";
import { toField } from "./values.ts";

/** Records that a modified property is held against. */
const SAMPLE_ROWS = 5;

/** What a name in the configuration means. Custom objects are looked up only where no standard object has the name. */
export async function findType(client: HubspotClient, written: string, signal: AbortSignal): Promise<ObjectType> {
  const standard = findStandard(written);
  if (standard !== null) return standard;
  let schemas: readonly CustomSchema[];
  try {
    schemas = await readSchemas(client, signal);
  } catch (error) {
    // The schema of a custom object needs a scope of its own; its records may be readable all the same.
    if (!(error instanceof PermissionError) || !isCustomPath(written)) throw error;
    return { name: written, path: written, id: written, isCustom: true };
  }
  return findCustom(written, schemas);
}

export async function readSchemas(client: HubspotClient, signal: AbortSignal): Promise<readonly CustomSchema[]> {
  const { results } = await client.call(
    { method: "GET", path: client.paths.schemas, lane: "general", doing: "reading the schemas of custom objects" },
    schemasAnswer,
    signal,
  );
  return results.filter((schema) => schema.archived !== true);
}

/**
 * An object as it is in this account now: its properties, and which of them moves with every change.
 * @throws ConfigError when a configured property does not exist, or no property moves; AuthError.
 */
export async function describeType(
  client: HubspotClient,
  type: ObjectType,
  config: HubspotConfig,
  signal: AbortSignal,
): Promise<Description> {
  const definitions = await readDefinitions(client, type, config, signal);
  const sample = await readSample(client, type, config.modifiedProperty ?? null, signal);
  const modifiedProperty = findModifiedProperty(type, config.modifiedProperty ?? null, definitions, sample);
  const estimatedRows = await countSearchable(client, type, modifiedProperty, signal);
  if (estimatedRows === 0) refuseUnsearchable(client, type, modifiedProperty, sample, config.lagMs);

  const existing = new Set(definitions.map((definition) => definition.name));
  for (const name of config.properties ?? []) {
    if (!existing.has(name)) {
      throw new ConfigError(`properties: ${type.name} has no property "${name}"`, {
        hint: `${similar(name, existing)}Use the internal name; \`discover\` lists them. Sensitive ones need sensitiveProperties: true.`,
      });
    }
  }
  const offered = config.properties === undefined ? null : new Set([...config.properties, KEY, modifiedProperty]);
  return {
    type,
    modifiedProperty,
    existing,
    properties: new Map(
      definitions
        .filter((definition) => offered === null || offered.has(definition.name))
        .map((definition) => [definition.name, toField(definition)]),
    ),
    associations: config.associations,
    estimatedRows,
  };
}

export async function readDefinitions(
  client: HubspotClient,
  type: ObjectType,
  config: HubspotConfig,
  signal: AbortSignal,
): Promise<readonly PropertyDefinition[]> {
  const found = new Map<string, PropertyDefinition>();
  const kinds = config.sensitiveProperties ? ["non_sensitive", "sensitive", "highly_sensitive"] : [null];
  for (const kind of kinds) {
    const { results } = await client.call(
      {
        method: "GET",
        path: client.paths.properties(type.path),
        ...(kind === null ? {} : { query: { dataSensitivity: kind } }),
        lane: "general",
        doing: `reading the properties of ${type.name}`,
      },
      propertiesAnswer,
      signal,
    );
    for (const definition of results) if (definition.archived !== true) found.set(definition.name, definition);
  }
  // Every record has it, whatever the definitions say.
  if (!found.has(KEY)) found.set(KEY, { name: KEY, type: "number", hubspotDefined: true });
  return [...found.values()];
}

async function readSample(
  client: HubspotClient,
  type: ObjectType,
  configured: string | null,
  signal: AbortSignal,
): Promise<readonly HubspotRecord[]> {
  const names = configured === null ? modifiedNames : [...modifiedNames, configured];
  const { results } = await client.call(
    {
      method: "GET",
      path: client.paths.objects(type.path),
      query: { limit: String(SAMPLE_ROWS), properties: names.join(",") },
      lane: "general",
      doing: `reading ${type.name}`,
    },
    listAnswer,
    signal,
  );
  return results;
}

/** How many records a search by the modified property finds; null: the object cannot be searched. */
async function countSearchable(
  client: HubspotClient,
  type: ObjectType,
  modifiedProperty: string,
  signal: AbortSignal,
): Promise<number | null> {
  const { total } = await client.call(
    {
      method: "POST",
      path: client.paths.search(type.path),
      // The epoch itself is answered with a 500.
      body: {
        filterGroups: [{ filters: [{ propertyName: modifiedProperty, operator: "GTE", value: "1000" }] }],
        properties: [KEY],
        limit: 1,
      },
      lane: "search",
      doing: `counting ${type.name}`,
    },
    searchAnswer,
    signal,
  );
  return total ?? null;
}

/** A search by the wrong property finds nothing and says nothing. @throws ConfigError when records that are old enough are not found. */
function refuseUnsearchable(
  client: HubspotClient,
  type: ObjectType,
  modifiedProperty: string,
  sample: readonly HubspotRecord[],
  lagMs: number,
): void {
  const settledMs = client.serverNow() - lagMs;
  const settled = sample.some((record) => {
    const changedMs = modifiedMs(record, modifiedProperty);
    return changedMs !== null && changedMs < settledMs;
  });
  if (!settled) return;
  throw new ConfigError(`${type.name} has records, and a search by ${modifiedProperty} finds none of them`, {
    hint: "Changes could not be found by this property. Set modifiedProperty to another one that moves with every change.",
  });
}

export function toStream({ type, modifiedProperty, properties, associations, estimatedRows }: Description): Stream {
  const candidates = modifiedNames.filter((name) => name === modifiedProperty);
  return {
    name: type.name,
    fields: [
      ...[...properties.values()].map(({ name, type: fieldType, sourceType, nullable, unreadable }) => ({
        name,
        type: fieldType,
        sourceType,
        nullable,
        unreadable,
      })),
      ...toAssociationFields(associations),
    ],
    key: [KEY],
    cursorField: modifiedProperty,
    cursorCandidates: candidates.length > 0 ? candidates : [modifiedProperty],
    estimatedRows,
  };
}

const OWNER_FIELDS: readonly (readonly [string, Field["type"]])[] = [
  ["id", "text"],
  ["email", "text"],
  ["type", "text"],
  ["firstName", "text"],
  ["lastName", "text"],
  ["userId", "number"],
  ["userIdIncludingInactive", "number"],
  ["createdAt", "datetime"],
  ["updatedAt", "datetime"],
  ["archived", "boolean"],
  ["teams", "json"],
];

/** Owners have no modified date to search by: both lists, the active and the archived, are read on every run. */
export const ownersStream: Stream = {
  name: OWNERS.name,
  fields: OWNER_FIELDS.map(([name, type]) => ({
    name,
    type,
    sourceType: type,
    nullable: name !== "id",
    unreadable: null,
  })),
  key: ["id"],
  cursorField: null,
  cursorCandidates: [],
  estimatedRows: null,
};

/**
 * Everything that the token can read. What it may not read, and what the account's plan does not have, is left out.
 * @throws the first error when nothing can be read.
 */
export async function listStreams(
  client: HubspotClient,
  config: HubspotConfig,
  signal: AbortSignal,
): Promise<readonly { readonly stream: Stream; readonly description: Description | null }[]> {
  let firstError: unknown = null;
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await work();
    } catch (error) {
      const isOther = !(error instanceof PermissionError) && !(SyncError.is(error) && error.kind === "config");
      if (signal.aborted || isOther) throw error;
      firstError ??= error;
      return null;
    }
  };
  const custom = (await attempt(() => readSchemas(client, signal))) ?? [];
  const found: { readonly stream: Stream; readonly description: Description | null }[] = [];
  firstError = null;
  for (const type of [...standardTypes, ...custom.map(toCustomType)]) {
    // Properties of one object do not exist on the others.
    const { properties: _properties, modifiedProperty: _modified, ...rest } = config;
    const description = await attempt(() => describeType(client, type, rest, signal));
    if (description !== null) found.push({ stream: toStream(description), description });
  }
  const owners = await attempt(() => readOwners(client, ownersStream, null, signal).next());
  if (owners !== null) found.push({ stream: ownersStream, description: null });
  if (found.length === 0 && firstError !== null) throw firstError;
  return found;
}

/** Names that differ by little, as the start of a hint. */
function similar(name: string, names: ReadonlySet<string>): string {
  const bare = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const close = [...names]
    .filter((other) => bare(other) === bare(name) || bare(other).includes(bare(name)))
    .slice(0, 3);
  return close.length === 0 ? "" : `Did you mean ${close.join(" or ")}? `;
}
