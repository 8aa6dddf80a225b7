import { ApiError } from "../api-error.ts";
import type { ObjectType } from "../portal/object-type.ts";

import type { App } from "./apps.ts";

const schemaScopes = ["contacts", "companies", "deals", "custom"].map((name) => `crm.schemas.${name}.read`);
const objectScopes = [
  ...["contacts", "companies", "deals", "custom", "owners"].flatMap((name) => [`crm.objects.${name}.read`]),
  ...["products", "line_items", "quotes", "users", "leads"].map((name) => `crm.objects.${name}.read`),
];
const writeScopes = ["contacts", "companies", "deals", "custom"].map((name) => `crm.objects.${name}.write`);
const sensitiveScopes = ["contacts", "companies", "deals", "tickets", "custom"].map(toSensitiveScope);

/** What a token of a default app may do. */
export const allScopes: readonly string[] = [
  ...objectScopes,
  ...schemaScopes,
  "tickets",
  "crm.export",
  ...writeScopes,
  ...sensitiveScopes,
];

/** The scope that makes sensitive properties of a type visible. */
export function sensitiveScopeOf(type: ObjectType): string {
  return toSensitiveScope(type.facts.custom ? "custom" : type.facts.name);
}

/** Any of these lets the definitions of a type be read. */
export function schemaScopesOf(type: ObjectType): readonly string[] {
  const name = type.facts.custom ? "custom" : type.facts.name;
  return [...type.facts.readScopes, ...schemaScopes.filter((scope) => scope === `crm.schemas.${name}.read`)];
}

/** Throws 403 when the app has none of `scopes`. The list names alternatives. */
export function requireScope(app: App, scopes: readonly string[]): void {
  if (!scopes.some((scope) => app.scopes.has(scope))) throw missingScopes(scopes);
}

export function missingScopes(scopes: readonly string[]): ApiError {
  return new ApiError(
    403,
    "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: " +
      "https://developers.hubspot.com/scopes.",
    {
      category: "MISSING_SCOPES",
      errors: [
        { message: "One or more of the following scopes are required.", context: { requiredGranularScopes: scopes } },
      ],
      links: { scopes: "https://developers.hubspot.com/scopes" },
    },
  );
}

/** The form the schemas endpoint uses: the list stands directly in `context`. */
export function missingSchemaScopes(): ApiError {
  return new ApiError(403, "One or more of the following scopes are required.", {
    category: "MISSING_SCOPES",
    context: { requiredGranularScopes: ["crm.schemas.custom.read", "crm.objects.custom.read"] },
    links: { scopes: "https://developers.hubspot.com/scopes" },
  });
}

function toSensitiveScope(name: string): string {
  return `crm.objects.${name}.sensitive.read.v2`;
}
