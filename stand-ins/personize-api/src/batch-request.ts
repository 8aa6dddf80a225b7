import { type Fields, flagField, isFields, listField, objectField, textField } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import type { Collections } from "./collections.ts";
import { toRecordKey } from "./identity.ts";
import { type Item, type ItemValue, toItemPart } from "./item.ts";
import type { Knobs } from "./knobs.ts";
import { toIdentifiers } from "./records.ts";
import { toRowIdentifiers, toRowKey } from "./row-identity.ts";
import { toTarget } from "./target.ts";
import { type Target, toWritePlan, type WritePart } from "./write-plan.ts";

/** How a route spells the flag that asks for extraction. */
export type ExtractFlag = "extractMemories" | "extract" | "either";

/** A batch that passed every check made before acceptance. */
export interface BatchRequest {
  readonly parts: readonly WritePart[];
  readonly rowCount: number;
  readonly source: string | undefined;
  readonly runName: string | undefined;
  readonly dryRun: boolean;
}

interface BatchContext {
  readonly collections: Collections;
  readonly knobs: Knobs;
  readonly maxRows: number;
  /** Bytes of the body: a body smaller than the limit on a row needs no look at its rows. */
  readonly bodyBytes: number;
  readonly extractFlag: ExtractFlag;
}

/** Rows of a batch body in either form, before any check. */
export function countRows(body: Fields): number {
  return (Array.isArray(body["rows"]) ? body["rows"] : listField(body, "records", "items", "memories")).length;
}

/** Checks a batch body and compiles it. Throws ApiError for everything that refuses the batch as a whole. */
export function toBatchRequest(body: Fields, context: BatchContext): BatchRequest {
  const rowCount = countRows(body);
  if (rowCount === 0) throw invalid("MISSING_PARAMS", "rows", "rows (with mapping) or records is required");
  if (rowCount > context.maxRows) {
    throw invalid("validation_error", "rows", `A batch takes at most ${context.maxRows} rows, not ${rowCount}`);
  }
  const mapping = objectField(body, "mapping");
  if (Array.isArray(body["rows"]) && mapping === undefined) {
    throw invalid("MISSING_PARAMS", "mapping", "mapping is required with rows");
  }
  const parts = mapping === undefined ? toRecordParts(body, context) : [toMappedPart(body, mapping, context)];
  refuseMixedTypes(parts);
  if (context.bodyBytes > context.knobs.maxRowCharacters) refuseLongRows(parts, context.knobs.maxRowCharacters);
  if (context.knobs.missingIdentifier === "reject") refuseMissingIdentifiers(parts);
  return {
    parts,
    rowCount,
    source: textField(body, "source"),
    runName: mapping === undefined ? undefined : textField(mapping, "runName"),
    dryRun: flagField(body, "dryRun"),
  };
}

function toMappedPart(body: Fields, mapping: Fields, context: BatchContext): WritePart {
  const rows = listField(body, "rows");
  const wrong = rows.findIndex((row) => !isFields(row));
  if (wrong !== -1) throw invalid("validation_error", `rows[${wrong}]`, "must be an object");
  const emailField = textField(mapping, "email");
  const websiteField = textField(mapping, "website", "websiteUrl");
  const type =
    textField(mapping, "entityType") ??
    (emailField === undefined && websiteField !== undefined ? "Company" : "Contact");
  const customKeyName = textField(mapping, "customKeyName");
  const customKeyField = textField(mapping, "customKey");
  if ((customKeyName === undefined) !== (customKeyField === undefined)) {
    throw invalid("validation_error", "mapping.customKey", "customKeyName and customKey must be set together");
  }
  const plan = toWritePlan({
    type,
    recordIdField: textField(mapping, "recordId"),
    emailField,
    websiteField,
    customKeyName,
    customKeyField,
    targets: toTargets(mapping, type.trim().toLowerCase(), context),
    creditsPerRow: context.knobs.creditsPerRow,
    chargeAlways: false,
  });
  return { plan, rows: rows.filter(isFields), firstIndex: 0 };
}

function toTargets(mapping: Fields, typeKey: string, context: BatchContext): readonly Target[] {
  const properties = objectField(mapping, "properties");
  if (properties === undefined) throw invalid("MISSING_PARAMS", "mapping.properties", "is required");
  const targets: Target[] = [];
  for (const [property, entry] of Object.entries(properties)) {
    const field = isFields(entry) ? textField(entry, "sourceField") : undefined;
    if (!isFields(entry) || field === undefined) {
      throw invalid("validation_error", `mapping.properties.${property}.sourceField`, "is required");
    }
    const target = toTarget(context.collections, context.knobs, typeKey, {
      field,
      property,
      collectionId: textField(entry, "collectionId"),
      collectionName: textField(entry, "collectionName"),
      extract: readsFlag(entry, context.extractFlag),
    });
    if (target !== undefined) targets.push(target);
  }
  return targets;
}

function toRecordParts(body: Fields, context: BatchContext): readonly WritePart[] {
  return listField(body, "records").map((record, index) => {
    if (!isFields(record)) throw invalid("validation_error", `records[${index}]`, "must be an object");
    const item = toRecordItem(record, context.extractFlag);
    if (item.content === undefined && item.values.length === 0) {
      throw invalid("MISSING_PARAMS", `records[${index}].content`, "content or properties is required");
    }
    return toItemPart(context.collections, context.knobs, item, index, {
      creditsPerRow: context.knobs.creditsPerRow,
      chargeAlways: false,
    });
  });
}

function toRecordItem(record: Fields, extractFlag: ExtractFlag): Item {
  const collectionId = textField(record, "collectionId");
  const collectionName = textField(record, "collectionName");
  const values = Object.entries(objectField(record, "properties") ?? {}).map(([name, entry]): ItemValue => {
    if (!isFields(entry) || !("value" in entry)) {
      return { name, value: entry, collectionId, collectionName, extract: false };
    }
    const ownId = textField(entry, "collectionId");
    const ownName = textField(entry, "collectionName");
    const named = ownId !== undefined || ownName !== undefined;
    return {
      name,
      value: entry["value"],
      collectionId: named ? ownId : collectionId,
      collectionName: named ? ownName : collectionName,
      extract: readsFlag(entry, extractFlag),
    };
  });
  return {
    type: textField(record, "type"),
    identifiers: toIdentifiers(record),
    content: textField(record, "content"),
    contentCollectionId: collectionId,
    values,
  };
}

function readsFlag(entry: Fields, flag: ExtractFlag): boolean {
  if (flag === "either") return flagField(entry, "extractMemories", "extract");
  return flagField(entry, flag);
}

/** One entity type per batch: neither two types, nor email-keyed rows beside website-keyed ones. */
function refuseMixedTypes(parts: readonly WritePart[]): void {
  const types = new Set(parts.map((part) => part.plan.typeKey));
  let byEmail = false;
  let byWebsite = false;
  for (const { plan, rows } of parts) {
    if (plan.emailField === undefined && plan.websiteField === undefined) continue;
    if (plan.emailField !== undefined && plan.websiteField === undefined && parts.length === 1) return;
    for (const row of rows) {
      const { recordId, email, websiteUrl } = toRowIdentifiers(plan, row);
      if (recordId !== undefined) continue;
      if (email !== undefined) byEmail = true;
      else if (websiteUrl !== undefined) byWebsite = true;
    }
  }
  if (types.size < 2 && !(byEmail && byWebsite)) return;
  throw invalid("ENTITY_TYPE_MISMATCH", "rows", "All rows of a batch must be of one entity type and keyed alike");
}

function refuseLongRows(parts: readonly WritePart[], maxCharacters: number): void {
  for (const { plan, rows, firstIndex } of parts) {
    for (const [offset, row] of rows.entries()) {
      let characters = 0;
      for (const { field } of plan.targets) characters += countCharacters(row[field]);
      if (characters <= maxCharacters) continue;
      const index = firstIndex + offset;
      throw invalid(
        "CONTENT_TOO_LARGE",
        `rows[${index}]`,
        `Row ${index} has ${characters} characters, the limit is ${maxCharacters}`,
      );
    }
  }
}

function countCharacters(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countCharacters(item), 0);
  return 0;
}

function refuseMissingIdentifiers(parts: readonly WritePart[]): void {
  for (const { plan, rows, firstIndex } of parts) {
    for (const [offset, row] of rows.entries()) {
      if (toRowKey(plan, row) !== undefined || toRecordKey(toRowIdentifiers(plan, row)) !== undefined) continue;
      throw invalid("MISSING_IDENTIFIER", `rows[${firstIndex + offset}]`, "missing required identifier");
    }
  }
}

function invalid(code: string, field: string, message: string): ApiError {
  return new ApiError(
    400,
    code,
    message.startsWith("is ") || message.startsWith("must ") ? `${field} ${message}` : message,
    {
      details: [{ field, message }],
    },
  );
}
