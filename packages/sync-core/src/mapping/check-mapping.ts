import type { Collection, CollectionProperty } from "../contracts/destination.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { MappedProperty } from "../contracts/line.ts";
import type { Field, Finding, Stream } from "../contracts/source.ts";
import { suggestion } from "./did-you-mean.ts";
import { looksLikeFreeText } from "./free-text.ts";
import type { MappingConfig, PropertyConfig } from "./mapping-config.ts";
import type { MappedIdentity, Mapping } from "../contracts/mapping.ts";

/**
 * Holds a mapping against the stream it reads and the organisation it writes to. Pure; runs before anything is sent.
 * @returns the resolved mapping, and warnings that do not stop a run.
 * @throws ConfigError that lists every problem at once.
 */
export function checkMapping(
  sync: string,
  config: MappingConfig,
  stream: Stream,
  collections: readonly Collection[],
): CheckedMapping {
  const problems: string[] = [];
  const findings: Finding[] = [];
  const fields = new Map(stream.fields.map((field) => [field.name, field]));

  const field = (name: string, where: string): Field | null => {
    const found = fields.get(name);
    if (found === undefined) {
      problems.push(`${where}: the source has no field "${name}". ${suggestion(name, [...fields.keys()])}`);
      return null;
    }
    if (found.unreadable !== null) problems.push(`${where}: field "${name}" cannot be mapped: ${found.unreadable}`);
    return found;
  };

  const { identity, secondaryKey } = checkIdentity(config, problems);
  for (const key of [identity, secondaryKey]) if (key !== null) field(key.sourceField, key.kind);
  for (const condition of config.where) field(condition.field, "where");

  const structured: MappedProperty[] = [];
  const extracting: MappedProperty[] = [];
  /** Collection and property → the name under which the mapping has it. */
  const places = new Map<string, string>();
  const values = new Map<string, { sourceField: string; transform: (PropertyConfig["transform"] & string) | null }>();

  if (Object.keys(config.properties).length === 0)
    problems.push("properties: nothing is mapped; name at least one property");
  for (const name of Object.keys(config.properties).toSorted()) {
    const entry = config.properties[name];
    if (entry === undefined) continue;
    const where = `properties.${name}`;
    const source = field(entry.sourceField, `${where}.sourceField`);
    const target = findProperty(name, entry, config.entityType, collections, where, problems);
    if (target === null || source === null) continue;

    const place = `${target.collection.id}\n${target.property.names.at(1) ?? name}`;
    const twin = places.get(place);
    if (twin === undefined) places.set(place, name);
    else
      problems.push(
        `${where}: "${name}" and "${twin}" are two names of one property; one value would overwrite the other. Keep one of them`,
      );

    if (target.property.appendOnly && !entry.allowAppendOnly) {
      problems.push(
        `${where}: "${name}" of collection "${target.collection.name}" is append-only; every time a row is sent again its value would be added once more. Map another property, or set allowAppendOnly: true if that is what you want`,
      );
    }
    if (entry.extractMemories && !mayHoldFreeText(source)) {
      findings.push(
        warning(
          `${where}: extractMemories is set, but "${source.name}" is ${source.sourceType}, not free text`,
          "Leave extractMemories out: it costs credits and finds nothing.",
        ),
      );
    }
    if (!entry.extractMemories && looksLikeFreeText(source)) {
      findings.push(
        warning(
          `${where}: "${source.name}" looks like free text, but extractMemories is not set`,
          "Without it the text is kept as a property only; semantic recall will not find it. Set extractMemories: true if it should.",
        ),
      );
    }

    const transform = entry.transform ?? null;
    const rowKey = rowKeyOf(entry.sourceField, transform, fields);
    values.set(rowKey, { sourceField: entry.sourceField, transform });
    const mapped: MappedProperty = {
      name: target.property.names[0] ?? name,
      collectionId: target.collection.id,
      collectionName: target.collection.name,
      extract: entry.extractMemories,
      field: rowKey,
    };
    (entry.extractMemories ? extracting : structured).push(mapped);
  }

  if (problems.length > 0 || identity === null) {
    throw new ConfigError(
      `The mapping of sync "${sync}" does not fit:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
      {
        hint: "Correct the mapping; `discover` lists the source's fields and the organisation's collections. Nothing was sent.",
      },
    );
  }

  const sourceFields = new Set([
    identity.sourceField,
    ...(secondaryKey === null ? [] : [secondaryKey.sourceField]),
    ...config.where.map((condition) => condition.field),
    ...[...values.values()].map((value) => value.sourceField),
  ]);
  return {
    mapping: {
      entityType: config.entityType,
      runName: config.runName ?? sync,
      identity,
      secondaryKey,
      structured,
      extracting,
      values,
      where: config.where,
      sourceFields: [...sourceFields],
    },
    findings,
  };
}

export interface CheckedMapping {
  readonly mapping: Mapping;
  readonly findings: readonly Finding[];
}

/** Exactly one of email, website and recordId may identify; a custom key may identify alone or ride along as a second key. */
function checkIdentity(
  config: MappingConfig,
  problems: string[],
): { identity: MappedIdentity | null; secondaryKey: MappedIdentity | null } {
  const standard: MappedIdentity[] = [];
  for (const kind of ["recordId", "email", "website"] as const) {
    const sourceField = config[kind];
    if (sourceField !== undefined) standard.push({ kind, keyName: null, sourceField });
  }
  if ((config.customKey === undefined) !== (config.customKeyName === undefined)) {
    problems.push(
      "customKey and customKeyName belong together: one names the source field, the other the identifier. Set both, or neither",
    );
  }
  const custom: MappedIdentity | null =
    config.customKey !== undefined && config.customKeyName !== undefined
      ? { kind: "customKey", keyName: config.customKeyName, sourceField: config.customKey }
      : null;

  if (standard.length > 1) {
    problems.push(
      `identities are mixed: ${standard.map((identity) => identity.kind).join(" and ")} are both mapped, and the destination refuses batches in which rows are identified in different ways. Keep one of them`,
    );
  }
  const first = standard[0];
  if (first !== undefined) return { identity: first, secondaryKey: custom };
  if (custom === null)
    problems.push(
      "no identity is mapped: set email, website, recordId, or customKeyName with customKey to the source field that tells records apart",
    );
  return { identity: custom, secondaryKey: null };
}

/** The name under which a row carries a value. A source field may be called just like another one with its transform. */
function rowKeyOf(sourceField: string, transform: string | null, fields: ReadonlyMap<string, Field>): string {
  if (transform === null) return sourceField;
  let key = `${sourceField}:${transform}`;
  while (fields.has(key)) key += ":";
  return key;
}

function findProperty(
  name: string,
  entry: PropertyConfig,
  entityType: string,
  collections: readonly Collection[],
  where: string,
  problems: string[],
): { collection: Collection; property: CollectionProperty } | null {
  const collection = findCollection(entry, collections, where, problems);
  if (collection === null) return null;
  if (collection.entityType !== null && collection.entityType.toLowerCase() !== entityType.toLowerCase()) {
    problems.push(
      `${where}: collection "${collection.name}" belongs to entity type "${collection.entityType}", the mapping writes "${entityType}"`,
    );
  }
  const property = collection.properties.find((candidate) => candidate.names.includes(name));
  if (property === undefined) {
    const known = collection.properties.flatMap((candidate) => candidate.names.slice(0, 1));
    problems.push(`${where}: collection "${collection.name}" has no property "${name}". ${suggestion(name, known)}`);
    return null;
  }
  return { collection, property: { ...property, names: [name, ...property.names] } };
}

function findCollection(
  entry: PropertyConfig,
  collections: readonly Collection[],
  where: string,
  problems: string[],
): Collection | null {
  const { collectionId, collectionName } = entry;
  if (collections.length === 0) {
    problems.push(`${where}: the organisation has no collections yet; create them in Personize first`);
    return null;
  }
  if (collectionId !== undefined) {
    const found = collections.find((collection) => collection.id === collectionId);
    if (found === undefined) {
      const placeholder = looksLikePlaceholder(collectionId)
        ? "is a placeholder, not an id"
        : "does not exist in this organisation";
      problems.push(
        `${where}.collectionId: "${collectionId}" ${placeholder}. Use collectionName, or an id that \`discover\` prints`,
      );
      return null;
    }
    if (collectionName !== undefined && collectionName !== found.name) {
      problems.push(
        `${where}: collectionId belongs to collection "${found.name}", but collectionName says "${collectionName}". Keep one of them`,
      );
      return null;
    }
    return found;
  }
  const named = collections.filter((collection) => collection.name === collectionName);
  if (named.length > 1) {
    problems.push(
      `${where}: ${named.length} collections are called "${collectionName}"; set collectionId to one of ${named.map((collection) => collection.id).join(", ")}`,
    );
    return null;
  }
  const [found] = named;
  if (found === undefined) {
    problems.push(
      `${where}.collectionName: the organisation has no collection "${collectionName}". ${suggestion(
        collectionName ?? "",
        collections.map((collection) => collection.name),
      )}`,
    );
    return null;
  }
  return found;
}

function looksLikePlaceholder(id: string): boolean {
  return /^(<.*>|\{.*\}|\[.*\]|x{3,}.*|your[-_ ].*|.*[-_ ]?(placeholder|changeme|todo|example)[-_ ]?.*|\.{3}|(col|collection)[-_]?(id|xxx+|123|\.\.\.)|collection[-_ ]?id)$/i.test(
    id,
  );
}

function mayHoldFreeText(field: Field): boolean {
  return field.type === "text" || field.type === "json" || field.type === "array";
}

function warning(message: string, hint: string): Finding {
  return { level: "warning", message, hint };
}
