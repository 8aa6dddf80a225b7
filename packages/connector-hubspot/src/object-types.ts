import { ConfigError } from "@acme/sync-core";
import type { CustomSchema } from "./responses.ts";

/** One kind of thing that can be read. */
export interface ObjectType {
  /** Name of its stream: the plural of a standard object, the fully qualified name of a custom one. Never the same twice. */
  readonly name: string;
  /** What stands in paths. */
  readonly path: string;
  /** The type id; the name where it is not known. Kept in cursors. */
  readonly id: string;
  readonly isCustom: boolean;
}

/** Plural name → type id. https://developers.hubspot.com/docs/guides/crm/understanding-the-crm#object-type-ids */
const STANDARD: Readonly<Record<string, string>> = {
  contacts: "0-1",
  companies: "0-2",
  deals: "0-3",
  tickets: "0-5",
  products: "0-7",
  line_items: "0-8",
  quotes: "0-14",
  communications: "0-18",
  feedback_submissions: "0-19",
  tasks: "0-27",
  notes: "0-46",
  meetings: "0-47",
  calls: "0-48",
  emails: "0-49",
  invoices: "0-53",
  users: "0-115",
  postal_mail: "0-116",
  orders: "0-123",
  leads: "0-136",
  carts: "0-142",
};

const SINGULAR: Readonly<Record<string, string>> = { company: "companies", postal_mail: "postal_mail" };

export const OWNERS: ObjectType = { name: "owners", path: "owners", id: "owners", isCustom: false };

export const standardTypes: readonly ObjectType[] = Object.entries(STANDARD).map(([name, id]) => ({
  name,
  path: name,
  id,
  isCustom: false,
}));

/** The standard object (or owners) that a name, in singular or plural and any case, or a type id means; null: none. */
export function findStandard(written: string): ObjectType | null {
  const name = written.toLowerCase();
  if (name === "owners" || name === "owner") return OWNERS;
  return (
    standardTypes.find((type) => type.name === name || type.id === name) ??
    standardTypes.find((type) => type.name === (SINGULAR[name] ?? `${name}s`)) ??
    null
  );
}

/** A custom object called like a standard one keeps apart by its qualified name. */
export function toCustomType(schema: CustomSchema): ObjectType {
  const qualified = schema.fullyQualifiedName ?? "";
  const name = qualified === "" || findStandard(qualified) !== null ? schema.objectTypeId : qualified;
  return { name, path: schema.objectTypeId, id: schema.objectTypeId, isCustom: true };
}

/** True for names that HubSpot understands although no schema could be read: `2-456`, `p_car`, `p123_car`. */
export function isCustomPath(written: string): boolean {
  return /^(?:2-\d+|p\d*_\w+)$/.test(written);
}

/**
 * The custom object that a name means: type id, fully qualified name, name or label.
 * @throws ConfigError when there is none, or when two share the name.
 */
export function findCustom(written: string, schemas: readonly CustomSchema[]): ObjectType {
  const wanted = written.toLowerCase();
  const exact = schemas.filter((schema) =>
    [schema.objectTypeId, schema.fullyQualifiedName].some((name) => name?.toLowerCase() === wanted),
  );
  const found =
    exact.length > 0
      ? exact
      : schemas.filter((schema) =>
          [schema.name, schema.labels?.singular, schema.labels?.plural, `p_${schema.name}`].some(
            (name) => name?.toLowerCase() === wanted,
          ),
        );
  const [first, second] = found;
  if (first !== undefined && second === undefined) return toCustomType(first);
  const all = [
    ...standardTypes.map((type) => type.name),
    "owners",
    ...schemas.map((schema) => toCustomType(schema).name),
  ];
  throw new ConfigError(
    first === undefined
      ? `object: this account has no object "${written}"`
      : `object: "${written}" means ${found.length} custom objects`,
    { hint: `Use one of ${(first === undefined ? all : found.map((schema) => schema.objectTypeId)).join(", ")}.` },
  );
}
