import { ApiError, notFound } from "../api-error.ts";
import { missingSchemaScopes } from "../auth/scopes.ts";
import type { Call } from "../call.ts";
import type { ObjectType } from "../portal/object-type.ts";
import { toPropertyBody } from "../property-body.ts";
import { type Reply, toReply } from "../reply.ts";

/** GET /crm-object-schemas/v3/schemas: custom objects only. */
export function listSchemas(call: Call): Reply {
  refuseWithoutScope(call);
  const custom = call.query.get("archived") === "true" ? [] : call.portal.types().filter(({ facts }) => facts.custom);
  call.rows = custom.length;
  return toReply({ results: custom.map(toSchema) });
}

/** GET /crm-object-schemas/v3/schemas/{type}. */
export function readSchema(call: Call): Reply {
  refuseWithoutScope(call);
  const type = call.portal.findType(call.params["type"] ?? "");
  if (type === undefined) throw notFound();
  call.rows = 1;
  return toReply(toSchema(type));
}

function refuseWithoutScope({ app, knobs }: Call): void {
  if (knobs.unentitledTypes.includes("custom")) {
    throw new ApiError(403, "The account's plan does not include custom objects.", { category: "FORBIDDEN" });
  }
  if (!app.scopes.has("crm.schemas.custom.read") && !app.scopes.has("crm.objects.custom.read")) {
    throw missingSchemaScopes();
  }
}

function toSchema(type: ObjectType) {
  const { facts } = type;
  const createdAt = new Date(facts.createdAtMs).toISOString();
  return {
    id: facts.typeId.slice(2),
    objectTypeId: facts.typeId,
    name: facts.custom ? facts.name.replace(/^p\d+_/, "") : facts.entity,
    fullyQualifiedName: facts.custom ? facts.name : facts.entity,
    labels: facts.labels,
    primaryDisplayProperty: facts.primaryDisplayProperty,
    secondaryDisplayProperties: [],
    requiredProperties: [facts.primaryDisplayProperty],
    searchableProperties: facts.searchableProperties,
    properties: [...type.properties.values()].filter(({ archived }) => !archived).map(toPropertyBody),
    associations: [
      {
        id: `${facts.typeId.slice(2)}01`,
        fromObjectTypeId: facts.typeId,
        toObjectTypeId: "0-1",
        name: `${facts.entity}_to_contact`,
      },
    ],
    archived: false,
    createdAt,
    updatedAt: createdAt,
  };
}
