export type PropertyType =
  | "string"
  | "number"
  | "bool"
  | "date"
  | "datetime"
  | "enumeration"
  | "phone_number"
  | "object_coordinates"
  | "json";

export type FieldType =
  | "text"
  | "textarea"
  | "html"
  | "number"
  | "date"
  | "select"
  | "radio"
  | "checkbox"
  | "booleancheckbox"
  | "file"
  | "phonenumber"
  | "calculation_equation"
  | "calculation_rollup"
  | "calculation_read_time"
  | "calculation_score";

/** A property to be defined; only `name` has no default. */
export interface PropertySeed {
  readonly name: string;
  /** Default: made from the name. */
  readonly label?: string;
  readonly description?: string;
  readonly groupName?: string;
  /** Default `string`. */
  readonly type?: PropertyType;
  /** Default: the usual one of the type. */
  readonly fieldType?: FieldType;
  /** Values of an enumeration, or label and value. */
  readonly options?: readonly (
    | string
    | { readonly label: string; readonly value: string; readonly hidden?: boolean }
  )[];
  /** What the API says, which is not always true. */
  readonly calculated?: boolean;
  readonly hidden?: boolean;
  /** Default false; the member is then missing on the wire. */
  readonly hubspotDefined?: boolean;
  readonly hasUniqueValue?: boolean;
  readonly referencedObjectType?: string;
  readonly showCurrencySymbol?: boolean;
  readonly dataSensitivity?: "non_sensitive" | "sensitive" | "highly_sensitive";
  readonly archived?: boolean;
  /** Milliseconds since 1970; undefined leaves the member out. */
  readonly createdAtMs?: number;
}

/** Position of a record within its seeded type; everything generated depends on it alone. */
export interface SeededRow {
  readonly seed: number;
  readonly index: number;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  /** How many owners the portal has. */
  readonly ownerCount: number;
}

/** Value of a seeded record that nobody has changed; null when it has none. */
export type Generate = (row: SeededRow) => string | null;

/** A property as the portal knows it. */
export interface PropertyDefinition extends PropertySeed {
  readonly label: string;
  readonly type: PropertyType;
  readonly fieldType: FieldType;
  readonly groupName: string;
  readonly generate: Generate | undefined;
  readonly archived: boolean;
  readonly archivedAtMs: number | undefined;
}

const usualFieldTypes: Readonly<Record<PropertyType, FieldType>> = {
  string: "text",
  number: "number",
  bool: "booleancheckbox",
  date: "date",
  datetime: "date",
  enumeration: "select",
  phone_number: "phonenumber",
  object_coordinates: "text",
  json: "text",
};

/** Fills in the defaults. Throws RangeError for a name the API would not take. */
export function defineProperty(seed: PropertySeed, groupName: string, generate?: Generate): PropertyDefinition {
  if (!/^[a-z][a-z0-9_]*$/.test(seed.name)) throw new RangeError(`Property name ${seed.name} is not a lower-case name`);
  const type = seed.type ?? "string";
  return {
    ...seed,
    label: seed.label ?? toLabel(seed.name),
    type,
    fieldType: seed.fieldType ?? usualFieldTypes[type],
    groupName: seed.groupName ?? groupName,
    generate,
    archived: seed.archived ?? false,
    archivedAtMs: undefined,
  };
}

function toLabel(name: string): string {
  const words = name.replace(/^hs_/, "").replaceAll("_", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
