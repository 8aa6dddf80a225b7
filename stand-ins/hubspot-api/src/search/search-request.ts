import { type Fields, isFields, listField, textField, textsField } from "@acme/stand-in-kit";
import { ApiError, invalid } from "../api-error.ts";
import type { Call } from "../call.ts";
import { readLimit } from "../call.ts";
import type { ObjectType } from "../portal/object-type.ts";

export const operators = [
  "EQ",
  "NEQ",
  "LT",
  "LTE",
  "GT",
  "GTE",
  "BETWEEN",
  "IN",
  "NOT_IN",
  "HAS_PROPERTY",
  "NOT_HAS_PROPERTY",
  "CONTAINS_TOKEN",
  "NOT_CONTAINS_TOKEN",
] as const;

export type Operator = (typeof operators)[number];

export interface Filter {
  readonly property: string;
  readonly operator: Operator;
  readonly value: string;
  readonly highValue: string;
  readonly values: readonly string[];
}

/** A search body that has been checked. */
export interface SearchRequest {
  /** Any group must hold, and in it every filter. None: everything matches. */
  readonly groups: readonly (readonly Filter[])[];
  /** Default: by creation, oldest first. */
  readonly sort: { readonly property: string; readonly descending: boolean } | undefined;
  readonly query: string;
  readonly properties: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

const DEFAULT_LIMIT = 10;
const MAX_QUERY_CHARACTERS = 3000;
const MAX_INT = 2_147_483_647;

/** Throws 400 for what the API would not take. */
export function parseSearch(call: Call, type: ObjectType): SearchRequest {
  const { body, knobs } = call;
  if (knobs.maxSearchBodyCharacters !== null && call.bodyCharacters > knobs.maxSearchBodyCharacters) {
    throw invalid(`The request body is longer than ${knobs.maxSearchBodyCharacters} characters`);
  }
  const query = textField(body, "query") ?? "";
  if (query.length > MAX_QUERY_CHARACTERS) throw invalid(`The query is longer than ${MAX_QUERY_CHARACTERS} characters`);
  const limit = readLimit(body["limit"], DEFAULT_LIMIT, knobs.searchMaxLimit, knobs);
  const offset = readOffset(body["after"]);
  if (offset + limit > knobs.searchWindow) {
    throw invalid(`Search results end at ${knobs.searchWindow}: after ${offset} with limit ${limit} goes beyond`);
  }
  return {
    groups: readGroups(call, type),
    sort: readSort(type, listField(body, "sorts")),
    query,
    properties: textsField(body, "properties"),
    limit,
    offset,
  };
}

function readOffset(after: unknown): number {
  if (after === undefined || after === null || after === "") return 0;
  const offset = Number(after);
  if (!Number.isInteger(offset) || offset < 0 || offset > MAX_INT) {
    throw new ApiError(
      400,
      `Invalid input JSON on line 1, column 1: Cannot deserialize value of type \`int\` from ${JSON.stringify(after)}`,
    );
  }
  return offset;
}

function readGroups(call: Call, type: ObjectType): readonly (readonly Filter[])[] {
  const { body, knobs } = call;
  const bare = listField(body, "filters");
  const groups = listField(body, "filterGroups").map((group) => {
    if (!isFields(group)) throw new ApiError(400, "Invalid input JSON on line 1, column 1: filterGroups");
    return listField(group, "filters");
  });
  if (bare.length > 0) groups.push(bare);
  if (groups.length > knobs.maxFilterGroups) throw invalid(`At most ${knobs.maxFilterGroups} filterGroups are allowed`);
  if (groups.some((filters) => filters.length > knobs.maxFiltersPerGroup)) {
    throw invalid(`At most ${knobs.maxFiltersPerGroup} filters are allowed in a group`);
  }
  if (groups.flat().length > knobs.maxFilters) throw invalid(`At most ${knobs.maxFilters} filters are allowed`);
  return groups.map((filters) => filters.map((filter) => readFilter(type, filter)));
}

function readFilter(type: ObjectType, filter: unknown): Filter {
  if (!isFields(filter)) throw new ApiError(400, "Invalid input JSON on line 1, column 1: filters");
  const property = textField(filter, "propertyName") ?? "";
  const operator = operators.find((known) => known === filter["operator"]);
  if (operator === undefined) throw invalid(`Unknown operator ${String(filter["operator"])}`);
  if (!property.startsWith("associations.") && type.property(property) === undefined) {
    throw invalid(`There is no property ${property} of ${type.facts.name}`);
  }
  checkValues(filter, property, operator);
  return {
    property,
    operator,
    value: textField(filter, "value") ?? "",
    highValue: textField(filter, "highValue") ?? "",
    values: listField(filter, "values").map(String),
  };
}

function checkValues(filter: Fields, property: string, operator: Operator): void {
  const hasValue = filter["value"] !== undefined && filter["value"] !== null;
  if (operator === "HAS_PROPERTY" || operator === "NOT_HAS_PROPERTY") {
    if (hasValue) throw invalid(`${operator} on ${property} takes no value`);
    return;
  }
  if (operator === "IN" || operator === "NOT_IN") {
    if (listField(filter, "values").length === 0) throw invalid(`${operator} on ${property} needs values`);
    return;
  }
  if (!hasValue) throw invalid(`${operator} on ${property} needs a value`);
  if (operator === "BETWEEN" && filter["highValue"] === undefined)
    throw invalid(`BETWEEN on ${property} needs a highValue`);
}

function readSort(type: ObjectType, sorts: readonly unknown[]): SearchRequest["sort"] {
  if (sorts.length > 1) throw invalid("Only one sort is allowed");
  const [sort] = sorts;
  if (sort === undefined) return undefined;
  const text = typeof sort === "string" ? sort : undefined;
  const property = text?.replace(/^-/, "") ?? (isFields(sort) ? textField(sort, "propertyName") : undefined);
  if (property === undefined || type.property(property) === undefined) {
    throw invalid(`There is no property ${property ?? ""} of ${type.facts.name} to sort by`);
  }
  return { property, descending: text?.startsWith("-") ?? (isFields(sort) && sort["direction"] === "DESCENDING") };
}
