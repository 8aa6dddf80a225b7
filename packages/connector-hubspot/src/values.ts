import type { Field, FieldType, Json } from "@acme/sync-core";
import type { PropertyDefinition } from "./responses.ts";

/**
 * HubSpot sends every value as text or null, whatever its type, and so it is passed on: numbers as their own digits, `true` and
 * `false` as texts, multi-selects with `;`. Only days and times that came as milliseconds become ISO 8601.
 */
export function toValue(value: string | null, type: FieldType, isText: boolean): Json {
  if (value === null) return null;
  // An empty text is a value of a text only; elsewhere it is HubSpot's second way to say that there is none.
  if (value === "" && !isText) return null;
  if (type === "datetime") return toIsoTime(value);
  if (type === "date") return toIsoDay(value);
  return value;
}

const MILLISECONDS = /^-?\d{5,16}(?:\.\d+)?$/;
const SCIENTIFIC = /^-?\d(?:\.\d+)?[eE]\+?\d{1,2}$/;
/** The range of a JavaScript date. */
const LONGEST_MS = 8.64e15;

/** Milliseconds since the epoch out of ISO text, a number of milliseconds, or one with a fraction; null: none of these. */
export function toMs(text: string): number | null {
  const ms = MILLISECONDS.test(text) || SCIENTIFIC.test(text) ? Math.trunc(Number(text)) : Date.parse(toZoned(text));
  return Number.isFinite(ms) && Math.abs(ms) <= LONGEST_MS ? ms : null;
}

/** A time without a zone is UTC. */
function toZoned(text: string): string {
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text) ? `${text}Z` : text;
}

/** Text that is a time already stays as it is, and so does what nobody can read. */
function toIsoTime(text: string): string {
  if (!MILLISECONDS.test(text) && !SCIENTIFIC.test(text)) return text;
  const ms = toMs(text);
  return ms === null ? text : new Date(ms).toISOString();
}

function toIsoDay(text: string): string {
  const iso = toIsoTime(text);
  return iso === text ? text : iso.replace(/T.*$/, "");
}

export interface PropertyField extends Field {
  /** True where an empty text is a value of its own. */
  readonly isText: boolean;
  /** True where the value is computed by HubSpot, which does not move the modified date. */
  readonly isCalculated: boolean;
}

export function toField(definition: PropertyDefinition): PropertyField {
  const type = toFieldType(definition);
  return {
    name: definition.name,
    type,
    sourceType: describe(definition),
    nullable: definition.name !== "hs_object_id",
    unreadable: null,
    isText: !/^(?:number|bool|date|datetime)$/.test(definition.type ?? "string"),
    isCalculated: isCalculated(definition),
  };
}

/** Ids are declared as numbers, and are texts: seventeen digits do not survive a double. Numbers stay HubSpot's own digits. */
function toFieldType({ name, type, referencedObjectType }: PropertyDefinition): FieldType {
  if (type === "number") return name.endsWith("_id") || (referencedObjectType ?? "") !== "" ? "text" : "decimal";
  return type === "date" || type === "datetime" ? type : "text";
}

/** `calculated` alone misses most of them: HubSpot leaves it false on rollups and equations. */
function isCalculated({ calculated, fieldType }: PropertyDefinition): boolean {
  return calculated === true || (fieldType ?? "").startsWith("calculation_");
}

function describe(definition: PropertyDefinition): string {
  const { type, fieldType, label, name, hubspotDefined } = definition;
  const kind = fieldType == null || fieldType === type ? (type ?? "string") : `${type ?? "string"}/${fieldType}`;
  const words = [kind];
  if (isCalculated(definition)) words.push("calculated");
  if (hubspotDefined !== true) words.push("custom");
  if (label != null && label !== "" && label !== name) words.push(`"${label}"`);
  return words.join(", ");
}
