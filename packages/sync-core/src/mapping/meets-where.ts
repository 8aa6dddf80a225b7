import type { JsonObject } from "../contracts/json.ts";
import type { WhereCondition } from "./mapping-config.ts";

/** True when a row meets every condition. Values are compared as they are: text never equals a number. */
export function meetsWhere(fields: JsonObject, conditions: readonly WhereCondition[]): boolean {
  return conditions.every((condition) => {
    const value = fields[condition.field] ?? null;
    if ("equals" in condition) return value === condition.equals;
    if ("notEquals" in condition) return value !== condition.notEquals;
    if ("in" in condition) return condition.in.some((candidate) => candidate === value);
    return condition.isSet === (value !== null && value !== "");
  });
}
