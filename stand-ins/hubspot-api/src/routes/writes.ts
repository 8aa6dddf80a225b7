import { objectField, textField } from "@acme/stand-in-kit";
import { ApiError, invalid, notFound } from "../api-error.ts";
import { type Call, findType } from "../call.ts";
import { changes } from "../changes.ts";
import type { ObjectType } from "../portal/object-type.ts";
import type { Values } from "../portal/record-changes.ts";
import type { StoredRecord } from "../portal/stored-record.ts";
import { toColumns, toRecordBody } from "../record-body.ts";
import { type Reply, toReply } from "../reply.ts";
import { findRecord } from "./read-record.ts";
import { toValueText } from "../to-value-text.ts";

/** POST /crm/v3/objects/{type}. A second contact of one address is 409. */
export function createOverHttp(call: Call): Reply {
  const type = writableType(call);
  const values = readValues(call, type);
  const email = values.get("email");
  if (type.facts.name === "contacts" && typeof email === "string") {
    const owner = type.unique("email").get(email);
    if (owner !== undefined && owner.current.state === "live") {
      throw new ApiError(409, `Contact already exists. Existing ID: ${owner.id}`, { category: "CONFLICT" });
    }
  }
  return toReply(toBody(call, type, changes(call.world, "API").create(type, values)), 201);
}

/** PATCH /crm/v3/objects/{type}/{id}. */
export function updateOverHttp(call: Call): Reply {
  const type = writableType(call);
  const record = requireLive(type, call.params["id"] ?? "", call.query.get("idProperty"));
  return toReply(toBody(call, type, changes(call.world, "API").update(type, record, readValues(call, type))));
}

/** DELETE /crm/v3/objects/{type}/{id}: archives; repeating it does nothing. */
export function archiveOverHttp(call: Call): Reply {
  const type = writableType(call);
  const record = findRecord(type, call.params["id"] ?? "", undefined);
  if (record?.current.state === "live") changes(call.world, "API").archive(type, record);
  return { status: 204, body: null };
}

/** POST /crm/v3/objects/{type}/merge. */
export function mergeOverHttp(call: Call): Reply {
  const type = writableType(call);
  const primary = requireLive(type, textField(call.body, "primaryObjectId") ?? "");
  const loser = requireLive(type, textField(call.body, "objectIdToMerge") ?? "");
  if (primary === loser) throw invalid("A record cannot be merged into itself");
  return toReply(toBody(call, type, changes(call.world, "API").merge(type, primary, loser)));
}

/** POST /crm/v3/objects/contacts/gdpr-delete: for good, without a trace. */
export function gdprDeleteOverHttp(call: Call): Reply {
  const type = writableType(call);
  if (type.facts.name !== "contacts") throw notFound();
  const record = findRecord(type, textField(call.body, "objectId") ?? "", textField(call.body, "idProperty"));
  if (record === undefined) throw notFound();
  changes(call.world, "API").gdprDelete(type, record);
  return { status: 204, body: null };
}

function writableType(call: Call): ObjectType {
  const type = findType(call);
  const name = type.facts.custom ? "custom" : type.facts.name;
  const known = ["contacts", "companies", "deals", "custom"].includes(name);
  const scope = known ? `crm.objects.${name}.write` : (type.facts.readScopes[0] ?? "");
  if (!call.app.scopes.has(scope))
    throw new ApiError(403, "This app hasn't been granted all required scopes to make this call.", {
      category: "MISSING_SCOPES",
      errors: [{ context: { requiredGranularScopes: [scope] } }],
    });
  return type;
}

function requireLive(type: ObjectType, text: string, idProperty?: string | null): StoredRecord {
  const record = findRecord(type, text, idProperty);
  if (record?.current.state !== "live") throw notFound();
  return record;
}

function readValues(call: Call, type: ObjectType): Values {
  const values = new Map<string, string | null>();
  for (const [name, value] of Object.entries(objectField(call.body, "properties") ?? {})) {
    if (type.property(name) === undefined) {
      throw invalid(`Property "${name}" does not exist`, {
        errors: [{ message: `Property "${name}" does not exist`, code: "PROPERTY_DOESNT_EXIST" }],
      });
    }
    // The API clears a value that is set to an empty text.
    const text = toValueText(value);
    if (text === undefined) throw invalid(`Property "${name}" takes a text`);
    values.set(name, text === "" ? null : text);
  }
  return values;
}

function toBody(call: Call, type: ObjectType, record: StoredRecord) {
  call.rows = 1;
  const columns = toColumns(type, [], call.app, call.knobs);
  return toRecordBody(call.portal.facts.portalId, type, record, record.current, columns, call.knobs);
}
