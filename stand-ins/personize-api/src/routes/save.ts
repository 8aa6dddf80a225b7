import { textField } from "@acme/stand-in-kit";
import { accept } from "../accept.ts";
import { ApiError } from "../api-error.ts";
import type { Call, Handler } from "../call.ts";
import { toItemPart } from "../item.ts";
import { hasIdentifier, toIdentifiers, toNamedKeys } from "../records.ts";
import { toReply } from "../reply.ts";
import { toMemoryView } from "../views.ts";

const REFUSED_BY_SAVE = ["skipDualWrite", "skipStorage", "skipPropertySelection", "enhanced"];
const SHAPES = ["shortform", "document", "freeform"];

/** v1 `memorize`. */
export const memorize: Handler = (call) => saveOne(call);

/** v1.1 `save`, which refuses options of the older call. */
export const save: Handler = (call) => {
  const refused = REFUSED_BY_SAVE.filter((name) => name in call.body);
  if (refused.length > 0) {
    throw new ApiError(400, "INVALID_PARAMS", `Not accepted: ${refused.join(", ")}`, {
      details: refused.map((field) => ({ field, message: "not accepted by save" })),
    });
  }
  const shape = call.body["shape"];
  if (shape !== undefined && !SHAPES.some((name) => name === shape)) {
    throw new ApiError(400, "INVALID_PARAMS", `shape takes one of ${SHAPES.join(", ")}`);
  }
  return saveOne(call);
};

function saveOne(call: Call) {
  const { body, organization, world } = call;
  const { knobs } = world;
  const content = textField(body, "content");
  if (content === undefined) throw new ApiError(400, "MISSING_PARAMS", "content is required");
  const identifiers = toIdentifiers(body);
  if (!hasIdentifier(identifiers) && knobs.missingIdentifier !== "orphan") {
    throw new ApiError(400, "MISSING_IDENTIFIER", "missing required identifier");
  }
  const part = toItemPart(
    organization.collections,
    knobs,
    {
      type: textField(body, "type"),
      identifiers,
      content,
      contentCollectionId: textField(body, "actionId", "collectionId"),
      values: [],
    },
    0,
    { creditsPerRow: knobs.creditsPerRow, chargeAlways: false },
  );
  const inline = knobs.singleResult === "inline";
  const creditsBefore = organization.credits;
  const event = accept(call, { type: "memorize", parts: [part], rowCount: 1 }, inline);
  if (!inline) return toReply({ eventId: event.eventId }, knobs.acceptedStatus);
  const failure = event.failures[0];
  if (failure !== undefined) throw new ApiError(402, failure.code, failure.message);
  const record = organization.records.find(identifiers, part.plan.typeKey);
  const memories = record === undefined ? [] : record.memories(record.fold(knobs.historyLimit));
  return toReply({
    ...(record === undefined ? {} : { recordId: organization.records.recordIdOf(record), keys: toNamedKeys(record) }),
    creditsCharged: creditsBefore - organization.credits,
    properties: [],
    memories: memories
      .filter((memory) => memory.createdAtMs === call.nowMs)
      .map((memory) => toMemoryView(organization, record, memory)),
  });
}
