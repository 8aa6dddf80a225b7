import { z } from "zod";
import type { Refusal } from "./errors.ts";

/** The least that answers must have. HubSpot adds fields at any time; unknown ones are passed over. */

/** Ids are text, save where HubSpot sends numbers: `toObjectId`. */
const id = z.union([z.string(), z.number()]).transform(String);

/** Values of properties are text or null. Anything else would be news; it is kept as its JSON text. */
const propertyValues = z.record(
  z.string(),
  z.union([z.string(), z.null(), z.unknown().transform((value) => JSON.stringify(value) ?? null)]),
);

const paging = z
  .object({ next: z.object({ after: id }).nullish() })
  .nullish()
  // `next.link` leads to the production host and does not repeat the query: only `after` is used.
  .transform((value) => value?.next?.after ?? null);

export const record = z.object({
  id,
  properties: propertyValues,
  updatedAt: z.string().nullish(),
  archived: z.boolean().nullish(),
  archivedAt: z.string().nullish(),
});
export type HubspotRecord = z.output<typeof record>;

/** `paging` is the next page's cursor; null: this was the last. */
export const listAnswer = z.object({ results: z.array(record), paging });
export const searchAnswer = z.object({ total: z.number().nullish(), results: z.array(record), paging });
export type SearchAnswer = z.output<typeof searchAnswer>;

const batchError = z.object({
  category: z.string().nullish(),
  subCategory: z.string().nullish(),
  message: z.string().nullish(),
  context: z.record(z.string(), z.unknown()).nullish(),
});
export const batchAnswer = z.object({ results: z.array(record), errors: z.array(batchError).nullish() });

export const associationsAnswer = z.object({
  results: z.array(
    z.object({
      from: z.object({ id }),
      to: z.array(
        z.object({
          toObjectId: id,
          associationTypes: z.array(z.object({ label: z.string().nullish() })).nullish(),
        }),
      ),
      paging,
    }),
  ),
  errors: z.array(batchError).nullish(),
});

const propertyDefinition = z.object({
  name: z.string(),
  label: z.string().nullish(),
  type: z.string().nullish(),
  fieldType: z.string().nullish(),
  calculated: z.boolean().nullish(),
  hubspotDefined: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  referencedObjectType: z.string().nullish(),
});
export type PropertyDefinition = z.output<typeof propertyDefinition>;
export const propertiesAnswer = z.object({ results: z.array(propertyDefinition) });

const schema = z.object({
  objectTypeId: z.string(),
  name: z.string(),
  fullyQualifiedName: z.string().nullish(),
  labels: z.object({ singular: z.string().nullish(), plural: z.string().nullish() }).nullish(),
  archived: z.boolean().nullish(),
});
export type CustomSchema = z.output<typeof schema>;
export const schemasAnswer = z.object({ results: z.array(schema) });

export const ownersAnswer = z.object({ results: z.array(z.object({ id }).catchall(z.json())), paging });

export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.number().positive(),
});

/** Ids that the errors of a batch read name as missing. */
export function missingIds(errors: readonly z.output<typeof batchError>[] | null | undefined): readonly string[] {
  return (errors ?? []).flatMap((error) =>
    error.category === "OBJECT_NOT_FOUND" ? texts(error.context?.["ids"]) : [],
  );
}

/** Reads the body of an answer that is no success. The body may be HTML, empty, or JSON with any of its fields missing. */
export function toRefusal(status: number, header: (name: string) => string | null, text: string): Refusal {
  const body = parseObject(text);
  const errors = Array.isArray(body["errors"]) ? body["errors"].map(asObject) : [];
  const contexts = [asObject(body["context"]), ...errors.map((error) => asObject(error["context"]))];
  return {
    status,
    category: asText(body["category"]),
    subCategory: asText(body["subCategory"]),
    policyName: asText(body["policyName"]),
    message: asText(body["message"]) ?? asText(body["error_description"]),
    correlationId: asText(body["correlationId"]) ?? header("x-hubspot-correlation-id"),
    scopes: status === 403 ? toScopes(body, contexts) : [],
    expiredAt: contexts.flatMap((context) => texts(context["expire time"]))[0] ?? null,
    retryAfterMs: toRetryAfterMs(header("retry-after")),
    oauthError: asText(body["error"]),
    oauthStatus: asText(body["status"]),
  };
}

const SCOPE = /^[a-z][\w.-]{2,100}$/i;

/** Named in three places over the years: `requiredGranularScopes`, `requiredScopes`, or the context itself. */
function toScopes(
  body: Readonly<Record<string, unknown>>,
  contexts: readonly Readonly<Record<string, unknown>>[],
): string[] {
  const listed = contexts.flatMap((context) => [
    ...texts(context["requiredGranularScopes"]),
    ...texts(context["requiredScopes"]),
    ...texts(context["missingScopes"]),
  ]);
  const bare = [...texts(body["context"]), ...contexts.flatMap((context) => Object.values(context).flatMap(texts))];
  return [...new Set(listed.length > 0 ? listed : bare)].filter((scope) => SCOPE.test(scope));
}

/** In seconds, capped at a day: HubSpot's longest is a move to another data centre. */
function toRetryAfterMs(value: string | null): number | null {
  const seconds = value === null || value.trim() === "" ? Number.NaN : Number(value);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 86_400) * 1000 : null;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function asText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((item) => typeof item === "string" || typeof item === "number").map(String)
    : [];
}
