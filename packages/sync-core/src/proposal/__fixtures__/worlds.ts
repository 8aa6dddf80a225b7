import type { Collection } from "../../contracts/destination.ts";
import type { Field, FieldType, Stream } from "../../contracts/source.ts";
import type { Starter } from "../../contracts/starter.ts";

export function toStream(
  name: string,
  fields: Readonly<Record<string, FieldType | Partial<Field>>>,
  rest: Partial<Stream> = {},
): Stream {
  return {
    name,
    fields: Object.entries(fields).map(([field, shape]) => ({
      name: field,
      type: "text",
      sourceType: typeof shape === "string" ? shape : "text",
      nullable: true,
      unreadable: null,
      ...(typeof shape === "string" ? { type: shape } : shape),
    })),
    key: ["id"],
    cursorField: null,
    cursorCandidates: [],
    estimatedRows: null,
    ...rest,
  };
}

export function toCollection(
  name: string,
  entityType: string | null,
  properties: readonly (string | { readonly name: string; readonly appendOnly: true })[],
  id = `col_${name}`,
): Collection {
  return {
    id,
    name,
    entityType,
    properties: properties.map((property) =>
      typeof property === "string"
        ? { names: [property], appendOnly: false }
        : { names: [property.name], appendOnly: property.appendOnly },
    ),
  };
}

export const contacts = toCollection("Contacts", "contact", [
  "first_name",
  "last_name",
  "phone",
  "city",
  "postal_code",
]);
export const texts = toCollection("Texts", "contact", ["notes", "city"]);
export const companies = toCollection("Companies", "company", ["name", "website", "industry"]);
export const products = toCollection("Products", "product", ["name", "price"]);

export const starter: Starter = {
  source: { url: "${URL}" },
  stream: { option: "table", example: "public.customers" },
  keyOption: "key",
  cursorOption: "cursor",
  mappings: [],
};
