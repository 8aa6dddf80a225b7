import type { Collection } from "../contracts/destination.ts";
import type { CollectionReference } from "./proposal.ts";

export interface FoundProperty {
  /** As it is sent. */
  readonly property: string;
  readonly collectionName: string;
  readonly reference: CollectionReference;
  readonly appendOnly: boolean;
}

/** What people call the same thing. Left: a field's name without separators; right: a property's, best first. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  forename: ["firstname"],
  givenname: ["firstname"],
  surname: ["lastname"],
  familyname: ["lastname"],
  phonenumber: ["phone"],
  mobile: ["phone"],
  mobilephone: ["phone"],
  telephone: ["phone"],
  companyname: ["company", "name"],
  organisation: ["company"],
  organization: ["company"],
  jobtitle: ["title"],
  position: ["jobtitle", "title"],
  zip: ["postalcode"],
  zipcode: ["postalcode"],
  postcode: ["postalcode"],
  street: ["address"],
  streetaddress: ["address"],
  region: ["state"],
  locale: ["language"],
  numberofemployees: ["employees"],
  employeecount: ["employees"],
  note: ["notes"],
  comment: ["notes"],
  comments: ["notes"],
  bio: ["summary", "notes"],
  body: ["notes", "details"],
  remarks: ["notes"],
};

/** Names are compared without case and separators. */
export function bareName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** The other words that people use for the thing a field is named after. */
export function synonymsOf(name: string): readonly string[] {
  return SYNONYMS[bareName(name)] ?? [];
}

/**
 * The property that one of `words` names, in the collections that records of `entityType` can have properties of. Where several
 * have it, one that can be overwritten goes before one that only grows, and then `preferred` (a collection's name) before the
 * order of the list. Pure.
 * @returns null when there is none.
 */
export function findProperty(
  words: readonly string[],
  entityType: string,
  collections: readonly Collection[],
  preferred: string | null,
): FoundProperty | null {
  const found = words.flatMap((word) =>
    collectionsFor(entityType, collections)
      .toSorted((left, right) => Number(right.name === preferred) - Number(left.name === preferred))
      .flatMap((collection): FoundProperty[] => {
        const property = collection.properties.find(({ names }) =>
          names.some((name) => bareName(name) === bareName(word)),
        );
        const name = property?.names[0];
        if (property === undefined || name === undefined) return [];
        const reference = referenceTo(collection, collections);
        return [{ property: name, collectionName: collection.name, reference, appendOnly: property.appendOnly }];
      }),
  );
  return found.find(({ appendOnly }) => !appendOnly) ?? found[0] ?? null;
}

function referenceTo(collection: Collection, all: readonly Collection[]): CollectionReference {
  const isUnique = all.filter(({ name }) => name === collection.name).length === 1;
  return isUnique ? { collectionName: collection.name } : { collectionId: collection.id };
}

/** The collections whose properties records of a type can have; one that names no type takes any. */
export function collectionsFor(entityType: string, collections: readonly Collection[]): readonly Collection[] {
  return collections.filter(
    (collection) => collection.entityType === null || collection.entityType.toLowerCase() === entityType.toLowerCase(),
  );
}
