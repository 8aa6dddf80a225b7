import type { ObjectType } from "../portal/object-type.ts";

/** How the values of a property compare. */
export type ValueKind = "number" | "time" | "text" | "choice" | "id" | "id-text";

export function toValueKind(type: ObjectType, property: string, idOrder: "numeric" | "text"): ValueKind {
  if (property === "hs_object_id") return idOrder === "numeric" ? "id" : "id-text";
  switch (type.property(property)?.type) {
    case "number":
      return "number";
    case "date":
    case "datetime":
      return "time";
    case "enumeration":
    case "bool":
      return "choice";
    case "string":
    case "phone_number":
    case "object_coordinates":
    case "json":
    case undefined:
      return "text";
  }
}

/** A moment in whole milliseconds, from epoch milliseconds or ISO 8601; NaN for anything else. */
export function toTime(value: string): number {
  if (value === "") return Number.NaN;
  const number = Number(value);
  return Number.isNaN(number) ? Date.parse(value) : Math.floor(number);
}
