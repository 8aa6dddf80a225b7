import type { Formula } from "./formula.ts";
import type { SystemReader } from "./system-fields.ts";

/** A date-time is a number of milliseconds, always whole seconds; a number may be a decimal text where it has more than 15 digits. */
export type Value = string | number | boolean | null;

export type FieldType =
  | "id"
  | "string"
  | "textarea"
  | "picklist"
  | "multipicklist"
  | "reference"
  | "boolean"
  | "int"
  | "double"
  | "currency"
  | "percent"
  | "date"
  | "datetime"
  | "time"
  | "email"
  | "phone"
  | "url"
  | "base64"
  | "address"
  | "location"
  | "encryptedstring";

export const fieldTypes: readonly FieldType[] = [
  "id",
  "string",
  "textarea",
  "picklist",
  "multipicklist",
  "reference",
  "boolean",
  "int",
  "double",
  "currency",
  "percent",
  "date",
  "datetime",
  "time",
  "email",
  "phone",
  "url",
  "base64",
  "address",
  "location",
  "encryptedstring",
];

/** What a seeded row holds in a field; must depend on the position and nothing else that changes. */
export type Seeder = (position: number) => Value;

/** One field of an object, as it is stored and described. */
export interface FieldDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly nillable: boolean;
  readonly custom: boolean;
  readonly filterable: boolean;
  readonly sortable: boolean;
  readonly autoNumber: boolean;
  readonly nameField: boolean;
  readonly unique: boolean;
  /** Long text with markup. */
  readonly richText: boolean;
  readonly deprecatedAndHidden: boolean;
  readonly referenceTo: readonly string[];
  readonly relationshipName: string | null;
  readonly compoundFieldName: string | null;
  readonly picklistValues: readonly { readonly value: string; readonly active: boolean }[];
  /** Computed when read; a change of what it depends on moves no stamp of this row. */
  readonly formula: Formula | undefined;
  /** Of an address: the fields it is made of, by their name within it. */
  readonly parts: Readonly<Record<string, string>> | undefined;
  readonly system: SystemReader | undefined;
  readonly seed: Seeder | undefined;
}

/** What is given for a field; the rest follows from its type. */
export type FieldOptions = Partial<Omit<FieldDefinition, "name" | "type" | "picklistValues">> & {
  readonly picklistValues?: readonly string[];
};

const LONG_TEXT = 256;
const lengths: Partial<Record<FieldType, number>> = { id: 18, reference: 18, email: 80, phone: 40, picklist: 255 };
const numeric: ReadonlySet<FieldType> = new Set<FieldType>(["double", "currency", "percent"]);
const unsorted: ReadonlySet<FieldType> = new Set<FieldType>(["multipicklist", "base64", "address", "location"]);
const unfiltered: ReadonlySet<FieldType> = new Set<FieldType>(["base64", "address", "location", "encryptedstring"]);

/** A field with everything that its type implies. */
export function defineField(name: string, type: FieldType, options: FieldOptions = {}): FieldDefinition {
  const length =
    options.length ?? lengths[type] ?? (type === "string" || type === "textarea" || type === "url" ? 255 : 0);
  const long = type === "textarea" && length >= LONG_TEXT;
  return {
    label: toLabel(name),
    precision: numeric.has(type) ? 18 : 0,
    scale: numeric.has(type) ? 2 : 0,
    nillable: type !== "boolean" && type !== "id",
    custom: name.endsWith("__c"),
    filterable: !long && !unfiltered.has(type),
    sortable: !long && !unsorted.has(type) && !unfiltered.has(type),
    autoNumber: false,
    nameField: false,
    unique: false,
    richText: false,
    deprecatedAndHidden: false,
    referenceTo: [],
    relationshipName: type === "reference" ? toRelationshipName(name) : null,
    compoundFieldName: null,
    formula: undefined,
    parts: undefined,
    system: undefined,
    seed: undefined,
    ...options,
    name,
    type,
    length,
    picklistValues: (options.picklistValues ?? []).map((value) => ({ value, active: true })),
  };
}

/** Text of more than 255 characters: neither filterable nor sortable, and the reason for smaller pages. */
export function isLongText({ type, length }: FieldDefinition): boolean {
  return type === "textarea" && length >= LONG_TEXT;
}

function toRelationshipName(name: string): string | null {
  if (name.endsWith("__c")) return name.replace(/__c$/, "__r");
  return name.endsWith("Id") ? name.slice(0, -2) : null;
}

function toLabel(name: string): string {
  return name
    .replace(/__c$/, "")
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2");
}
