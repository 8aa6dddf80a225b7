import { isFields, listField, textField } from "@acme/stand-in-kit";
import { invalid, notFound } from "../api-error.ts";
import { type Call, findType, readableType, readLimit } from "../call.ts";
import type { Target } from "../portal/links.ts";
import type { ObjectType } from "../portal/object-type.ts";
import { type Reply, toReply } from "../reply.ts";
import { toRecordId } from "./read-record.ts";

const DEFAULT_LIMIT = 500;

/** POST /crm/v4/associations/{from}/{to}/batch/read: up to 1,000 records; those without any are named in a 207. */
export function batchReadAssociations(call: Call): Reply {
  const from = readableType(call, call.params["from"]);
  const to = readableType(call, call.params["to"]);
  const inputs = listField(call.body, "inputs");
  const { associationBatchMax, associationPageSize } = call.knobs;
  if (inputs.length > associationBatchMax) {
    throw invalid(`The maximum number of inputs is ${associationBatchMax}. Received ${inputs.length}.`);
  }
  call.inputs = inputs.length;
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const input of inputs) {
    const id = isFields(input) ? textField(input, "id") : undefined;
    if (!isFields(input) || id === undefined) throw invalid("Every input needs an id");
    const targets = readTargets(call, from, to, id);
    if (targets === undefined) errors.push(toBadId(from, id));
    else if (targets.length === 0) errors.push(toNoAssociations(from, to, id));
    else results.push({ from: { id }, ...toPage(targets, textField(input, "after"), associationPageSize) });
  }
  call.rows = results.length;
  const at = new Date(call.nowMs).toISOString();
  const complete = { status: "COMPLETE", results, startedAt: at, completedAt: at };
  if (errors.length === 0) return toReply(complete);
  return toReply({ ...complete, numErrors: errors.length, errors }, 207);
}

/** GET /crm/v4/objects/{type}/{id}/associations/{to}. */
export function readAssociations(call: Call): Reply {
  const from = readableType(call);
  const to = readableType(call, call.params["to"]);
  const limit = readLimit(call.query.get("limit"), DEFAULT_LIMIT, DEFAULT_LIMIT, call.knobs);
  const targets = readTargets(call, from, to, call.params["id"] ?? "");
  if (targets === undefined) throw notFound();
  const { to: results, paging } = toPage(targets, call.query.get("after") ?? undefined, limit);
  call.rows = results.length;
  return toReply(paging === undefined ? { results } : { results, paging });
}

/** GET /crm/v4/associations/{from}/{to}/labels. */
export function listAssociationLabels(call: Call): Reply {
  const types = call.portal.links.types(findType(call, call.params["from"]), findType(call, call.params["to"]));
  call.rows = types.length;
  return toReply({ results: types });
}

/** Undefined for a text that is no id; empty for a record that is not there, such as one merged away. */
function readTargets(call: Call, from: ObjectType, to: ObjectType, text: string): readonly Target[] | undefined {
  const id = toRecordId(text);
  if (id === undefined) return undefined;
  const record = from.records.get(id);
  return record === undefined ? [] : call.portal.links.targets(from, record, to);
}

function toPage(targets: readonly Target[], after: string | undefined, limit: number) {
  const afterId = after === undefined ? 0 : (toRecordId(after) ?? 0);
  const rest = targets.filter(({ id }) => id >= afterId);
  const to = rest.slice(0, limit).map(({ id, types }) => ({ toObjectId: id, associationTypes: types }));
  const next = rest[limit];
  return next === undefined ? { to } : { to, paging: { next: { after: String(next.id) } } };
}

function toNoAssociations(from: ObjectType, to: ObjectType, id: string) {
  return {
    status: "error",
    category: "OBJECT_NOT_FOUND",
    subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
    message: `No ${to.facts.entity.toLowerCase()} is associated with ${from.facts.entity.toLowerCase()} ${id}.`,
    context: { fromObjectId: [id], fromObjectType: [from.facts.typeId], toObjectType: [to.facts.typeId] },
  };
}

function toBadId(from: ObjectType, id: string) {
  return {
    status: "error",
    category: "VALIDATION_ERROR",
    subCategory: "crm.associations.INVALID_IDENTIFIER",
    message: `${id} is not a valid identifier of a ${from.facts.entity.toLowerCase()}.`,
    context: { fromObjectId: [id] },
  };
}
