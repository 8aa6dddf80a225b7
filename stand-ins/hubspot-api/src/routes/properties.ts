import { notFound } from "../api-error.ts";
import { type Call, findType } from "../call.ts";
import { requireScope, schemaScopesOf } from "../auth/scopes.ts";
import { toPropertyBody } from "../property-body.ts";
import { isVisible } from "../record-body.ts";
import { type Reply, toReply } from "../reply.ts";

/** GET /crm/v3/properties/{type}: all at once. Sensitive ones only when asked for, and allowed. */
export function listProperties(call: Call): Reply {
  const type = findType(call);
  requireScope(call.app, schemaScopesOf(type));
  const archived = call.query.get("archived") === "true";
  const sensitivity = call.query.get("dataSensitivity") ?? "non_sensitive";
  const definitions = [...type.properties.values()].filter(
    (definition) =>
      definition.archived === archived &&
      (definition.dataSensitivity ?? "non_sensitive") === sensitivity &&
      isVisible(type, definition, call.app),
  );
  call.rows = definitions.length;
  return toReply({ results: definitions.map(toPropertyBody) });
}

/** GET /crm/v3/properties/{type}/{name}. */
export function readProperty(call: Call): Reply {
  const type = findType(call);
  requireScope(call.app, schemaScopesOf(type));
  const definition = type.properties.get(call.params["name"] ?? "");
  const archived = call.query.get("archived") === "true";
  if (definition === undefined || definition.archived !== archived || !isVisible(type, definition, call.app)) {
    throw notFound(`Property ${call.params["name"] ?? ""} not found`);
  }
  call.rows = 1;
  return toReply(toPropertyBody(definition));
}
