import type { Collection } from "../contracts/destination.ts";
import type { Field, Stream } from "../contracts/source.ts";
import { looksLikeFreeText } from "../mapping/free-text.ts";
import { bareName, findProperty, type FoundProperty, synonymsOf } from "./find-property.ts";
import type { ProposedSubject } from "./propose-identity.ts";
import { lastPart } from "./propose-identity.ts";
import type { ProposedProperty } from "./proposal.ts";

export interface ProposedProperties {
  readonly properties: readonly ProposedProperty[];
  readonly leftOut: readonly string[];
}

const ID = /(?:^|[_-])(?:id|ids|uuid|guid|key|hash|token|etag|checksum)$|[a-z]I[Dd]$|^(?:id|uuid|guid)$/;
const SECRET = /passw|secret|token|salt|hash|api_?key|credential|pin$|ssn|iban|card_?number/i;
const BOOKKEEPING =
  /^(?:(?:date_?)?(?:creat|updat|modif|delet|insert|chang|sync)\w*|\w*_(?:created|updated|modified|deleted)(?:_\w+)?|row_?version|version|xmin)$/i;

/** Vendor's examples write to collections of these names; others are for the reader to fill in. */
const USUAL_COLLECTIONS: Readonly<Record<string, string>> = {
  contact: "Contacts Standard Schema",
  company: "Companies Standard Schema",
};

/**
 * Which field becomes which property of the organisation's collections, by name. Left out, with a reason: keys and ids, yes/no
 * values, the source's bookkeeping, what may be secret, what cannot be read, and what no property is named like. Pure.
 * @param collections null: the organisation was not asked; then every field that is worth it becomes a property of its name.
 */
export function proposeProperties(
  stream: Stream,
  subject: ProposedSubject,
  cursorField: string | null,
  collections: readonly Collection[] | null,
): ProposedProperties {
  const skipped = new Map<string, string[]>();
  const skip = (reason: string, field: string): void =>
    void skipped.set(reason, [...(skipped.get(reason) ?? []), field]);
  const worthwhile = stream.fields.filter((field) => {
    const reason = whyNot(field, stream, subject, cursorField);
    if (reason !== null) skip(reason, field.name);
    return reason === null;
  });

  const entityType = subject.entityType.value;
  const properties =
    collections === null
      ? worthwhile.map((field) => assume(field, entityType))
      : matchAll(worthwhile, stream, entityType, collections, skip);
  return {
    properties,
    leftOut: [...skipped].map(([reason, fields]) => `${reason}: ${fields.join(", ")}`),
  };
}

function whyNot(field: Field, stream: Stream, subject: ProposedSubject, cursorField: string | null): string | null {
  const { name, type } = field;
  if (field.unreadable !== null) return "cannot be read as JSON";
  if (SECRET.test(name)) return "may be secret by their names";
  if (name === subject.identity.sourceField) return "identifies the record already";
  if (stream.key.includes(name) || ID.test(name)) return "keys and ids say nothing to a reader";
  if (name === cursorField || BOOKKEEPING.test(name)) return "the source's own bookkeeping";
  if (type === "boolean") return "yes or no says little without its question; add those that matter";
  return null;
}

/** Fields named like a property get it first; what is left is matched by usual other words. */
function matchAll(
  fields: readonly Field[],
  stream: Stream,
  entityType: string,
  collections: readonly Collection[],
  skip: (reason: string, field: string) => void,
): readonly ProposedProperty[] {
  const prefix = new RegExp(`^${bareName(lastPart(stream.name)).replace(/s$/, "")}s?_`, "i");
  const taken = new Map<string, ProposedProperty>();
  const preferred = mostFitting(fields, entityType, collections);
  const match = (field: Field, words: readonly string[], toReason: (found: FoundProperty) => string): boolean => {
    const found = findProperty(words, entityType, collections, preferred);
    if (found === null || taken.has(found.property)) return false;
    if (found.appendOnly) {
      skip("their property only grows: every repeat of a row would add to it again", field.name);
      return true;
    }
    taken.set(found.property, {
      property: found.property,
      sourceField: field.name,
      collection: found.reference,
      extractMemories: isFreeText(field),
      reason: withExtraction(field, toReason(found)),
    });
    return true;
  };
  const rest = fields.filter(
    (field) => !match(field, [field.name, field.name.replace(prefix, "")], () => "named like the property"),
  );
  for (const field of rest) {
    const isMatched = match(field, synonymsOf(field.name), ({ property }) => `${property} is the usual word for it`);
    if (!isMatched) skip(`no property of ${entityType} is named like them`, field.name);
  }
  return [...taken.values()];
}

/** The collection that has a property for most of the fields. */
function mostFitting(fields: readonly Field[], entityType: string, collections: readonly Collection[]): string | null {
  const counts = new Map<string, number>();
  for (const field of fields) {
    const name = findProperty([field.name], entityType, collections, null)?.collectionName;
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].toSorted(([, left], [, right]) => right - left)[0]?.[0] ?? null;
}

function assume(field: Field, entityType: string): ProposedProperty {
  return {
    property: field.name,
    sourceField: field.name,
    collection: { collectionName: USUAL_COLLECTIONS[entityType] ?? usualCollection(entityType) },
    extractMemories: isFreeText(field),
    reason: withExtraction(field, "the organisation was not asked; check both names"),
  };
}

function usualCollection(entityType: string): string {
  return `NAME OF THE COLLECTION FOR ${entityType}`;
}

/** By its name, or because the source says that it is more than a line. */
function isFreeText(field: Field): boolean {
  return field.type === "text" && (looksLikeFreeText(field) || /textarea|html|rich_?text/i.test(field.sourceType));
}

function withExtraction(field: Field, reason: string): string {
  return isFreeText(field) ? `${reason}; free text, so AI reads it, which costs credits` : reason;
}
