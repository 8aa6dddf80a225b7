import type { Connector } from "../contracts/connector.ts";
import type { Collection } from "../contracts/destination.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { JsonObject } from "../contracts/json.ts";
import type { Stream } from "../contracts/source.ts";
import type { Starter } from "../contracts/starter.ts";
import { applyReadyMapping } from "./apply-ready-mapping.ts";
import { collectionsFor } from "./find-property.ts";
import { proposeCursor } from "./propose-cursor.ts";
import { lastPart, type ProposedSubject, proposeIdentity } from "./propose-identity.ts";
import { type ProposedProperties, proposeProperties } from "./propose-properties.ts";
import type { Proposal, ProposedOption } from "./proposal.ts";

export interface SyncToPropose {
  readonly connector: Pick<Connector, "name">;
  readonly starter: Starter;
  /** As it is named by `--stream`, by a ready mapping or by the starter's example; null: the options name it otherwise. */
  readonly streamName: string | null;
  /** null: the source was not asked. */
  readonly stream: Stream | null;
  /** null: the organisation was not asked. */
  readonly collections: readonly Collection[] | null;
  /** The `source:` section so far, without the option that names the stream. */
  readonly options: JsonObject;
}

/**
 * One sync, as far as it can be proposed from what is known. Pure.
 * @throws ConfigError when nothing could be mapped that a run would accept.
 */
export function proposeSync(wanted: SyncToPropose): Proposal {
  const { stream, starter, streamName, collections } = wanted;
  const name = stream?.name ?? streamName ?? starter.stream.example;
  const { options, remarks, cursorField } = proposeOptions(wanted);
  const ready = starter.mappings.find((mapping) => mapping.stream === name);
  const subject: ProposedSubject | null =
    ready !== undefined
      ? { entityType: { value: ready.entityType, reason: null }, identity: ready.identity }
      : stream === null
        ? example.subject
        : proposeIdentity(stream, collections);
  if (subject === null) {
    throw new ConfigError(
      `${name} has no email address, no web site and no single key column: nothing identifies a record`,
      {
        hint: "Read it through a query that makes one text out of the key columns, or write the mapping by hand.",
      },
    );
  }
  if (stream !== null && !stream.fields.some((field) => field.name === subject.identity.sourceField)) {
    throw new ConfigError(
      `${name} has no field "${subject.identity.sourceField}", by which its records would be identified`,
      {
        hint: "`discover` lists its fields. Write the mapping by hand.",
      },
    );
  }
  const { properties, leftOut }: ProposedProperties =
    ready !== undefined
      ? applyReadyMapping(ready, stream, collections)
      : stream === null
        ? example
        : proposeProperties(stream, subject, cursorField, collections);
  if (properties.length === 0) throw nothingFits(name, subject.entityType.value, collections, leftOut);
  return {
    name: toSyncName(name),
    connector: wanted.connector.name,
    source: options,
    sourceRemarks: remarks,
    ...subject,
    properties,
    leftOut,
  };
}

function proposeOptions({ options, stream, streamName, starter }: SyncToPropose): {
  readonly options: readonly ProposedOption[];
  readonly remarks: readonly string[];
  readonly cursorField: string | null;
} {
  const found: ProposedOption[] = Object.entries(options).map(([option, value]) => ({ option, value, reason: null }));
  const remarks: string[] = [];
  const isFree = (option: string | null): option is string => option !== null && !Object.hasOwn(options, option);
  if (streamName !== null || stream === null) {
    const isExample = streamName === null;
    found.push({
      option: starter.stream.option,
      value: streamName ?? starter.stream.example,
      reason: isExample ? "an example: what to read" : null,
    });
  }
  if (stream === null) {
    if (isFree(starter.keyOption)) remarks.push(`${starter.keyOption}: only where the source has no key of its own`);
    if (isFree(starter.cursorOption)) {
      remarks.push(
        `${starter.cursorOption}: a field that moves with every change; without it every run compares everything`,
      );
    }
    return { options: found, remarks, cursorField: null };
  }

  if (isFree(starter.keyOption)) {
    const [key, ...more] = stream.key;
    if (key !== undefined) {
      found.push({
        option: starter.keyOption,
        value: more.length === 0 ? key : stream.key,
        reason: "the source's own key; it never changes for a row",
      });
    }
  }
  const cursor = proposeCursor(stream);
  if (isFree(starter.cursorOption)) {
    if (cursor.field === null) remarks.push(`no ${starter.cursorOption}: ${cursor.reason}`);
    else found.push({ option: starter.cursorOption, value: cursor.field, reason: cursor.reason });
  }
  return { options: found, remarks, cursorField: cursor.field };
}

/** What a template shows where neither the connector nor the source has a mapping to offer. */
const example: { readonly subject: ProposedSubject } & ProposedProperties = {
  subject: {
    entityType: { value: "contact", reason: "contact, company, or a type of your own" },
    identity: {
      kind: "email",
      keyName: null,
      sourceField: "email",
      reason: "the field that tells records apart; or website, or customKeyName with customKey",
    },
  },
  properties: [
    {
      property: "first_name",
      sourceField: "first_name",
      collection: { collectionName: "Contacts Standard Schema" },
      extractMemories: false,
      reason: "an example: property, field, and the collection that has the property",
    },
    {
      property: "notes",
      sourceField: "notes",
      collection: { collectionName: "Generated Content" },
      extractMemories: true,
      reason: "an example of free text that AI reads, which costs credits",
    },
  ],
  leftOut: [],
};

function nothingFits(
  name: string,
  entityType: string,
  collections: readonly Collection[] | null,
  leftOut: readonly string[],
): ConfigError {
  const own = collections === null ? [] : collectionsFor(entityType, collections);
  const list = leftOut.map((line) => `\n  - ${line}`).join("");
  if (collections !== null && own.length === 0) {
    return new ConfigError(`${name}: the organisation has no collection for records of type ${entityType}${list}`, {
      hint: "Create one in Personize, with the properties that are worth remembering, and run init again.",
    });
  }
  return new ConfigError(`${name}: no field of it fits a property of ${entityType}${list}`, {
    hint: "Add properties to a collection in Personize and run init again, or write the mapping by hand.",
  });
}

function toSyncName(streamName: string): string {
  const name = lastPart(streamName)
    .replaceAll(/[^\p{L}\p{N}_-]+/gu, "_")
    .replaceAll(/^_+|_+$/g, "");
  return name === "" ? "sync" : name;
}
