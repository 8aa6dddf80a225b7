import type { Collection } from "../contracts/destination.ts";
import type { Field, Stream } from "../contracts/source.ts";
import { bareName, collectionsFor } from "./find-property.ts";
import type { ProposedIdentity, Reasoned } from "./proposal.ts";

export interface ProposedSubject {
  readonly entityType: Reasoned<string>;
  readonly identity: ProposedIdentity;
}

/** Only names that say that the row itself has the address: `customer_email` in a table of orders is somebody else's. */
const EMAIL = /^(?:primary|main|work|business|private|personal|contact)?(?:email|mail)(?:address)?$/;
const WEBSITE = /^(?:company)?(?:website|websiteurl|webpage|homepage|domain|domainname|url)$/;

/**
 * What the rows of a stream are, and what tells them apart: the name of the stream where it is one of the organisation's entity
 * types, an email address, a web site, the source's key. Pure.
 * @param collections null: the organisation was not asked.
 * @returns null when not even a key could identify a record: it has several columns.
 */
export function proposeIdentity(stream: Stream, collections: readonly Collection[] | null): ProposedSubject | null {
  const readable = stream.fields.filter(({ unreadable }) => unreadable === null);
  const email = findNamed(readable, EMAIL);
  const website = findNamed(readable, WEBSITE);
  const singular = toSingular(lastPart(stream.name)).toLowerCase();
  const named = typeNamed(singular, collections);

  if (email !== null && (named === null || named === "contact")) {
    return {
      entityType: { value: "contact", reason: "the rows have an email address, so they are taken for people" },
      identity: byField("email", email, "one record for every email address; rows without one are parked"),
    };
  }
  if (website !== null && (named === null || named === "company")) {
    return {
      entityType: { value: "company", reason: "the rows have a web site, so they are taken for companies" },
      identity: byField("website", website, "one record for every web site; rows without one are parked"),
    };
  }
  const [key, ...more] = stream.key;
  if (key === undefined || more.length > 0) return null;
  return {
    entityType:
      named === null
        ? { value: singular, reason: `named after ${stream.name}; a type of your own needs a collection in Personize` }
        : { value: named, reason: `named like ${stream.name}` },
    identity: {
      kind: "customKey",
      keyName: `${bareKeyName(singular)}_id`,
      sourceField: key,
      reason: "nothing better identifies the rows: this is the source's own key",
    },
  };
}

function byField(kind: "email" | "website", field: Field, reason: string): ProposedIdentity {
  return { kind, keyName: null, sourceField: field.name, reason };
}

/** The shortest name that fits: `email` before `email_address`. */
function findNamed(fields: readonly Field[], pattern: RegExp): Field | null {
  const found = fields.filter(({ name, type }) => type === "text" && pattern.test(bareName(name)));
  return found.toSorted((left, right) => left.name.length - right.name.length)[0] ?? null;
}

function typeNamed(singular: string, collections: readonly Collection[] | null): string | null {
  if (["contact", "person", "people", "customer", "lead", "user", "member"].includes(singular)) return "contact";
  if (["company", "account", "organisation", "organization"].includes(singular)) return "company";
  const typed = collections === null ? [] : collectionsFor(singular, collections);
  return typed.find(({ entityType }) => entityType !== null)?.entityType ?? null;
}

/** `public.customers` is about customers. */
export function lastPart(streamName: string): string {
  return streamName.split(".").at(-1)?.replaceAll('"', "") ?? streamName;
}

function toSingular(name: string): string {
  if (/ies$/i.test(name)) return name.replace(/ies$/i, "y");
  if (/(?:ss|us|is)$/i.test(name)) return name;
  if (/(?:[sxz]|ch|sh)es$/i.test(name)) return name.replace(/es$/i, "");
  return name.replace(/s$/i, "");
}

function bareKeyName(name: string): string {
  return name.replaceAll(/\W+/g, "_");
}
