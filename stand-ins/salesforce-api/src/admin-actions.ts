import type { Control, RequestQuery, RowQuery, UpdateOptions } from "./control.ts";
import { families } from "./counters.ts";
import { type Fields, numberField, textsField } from "./fields.ts";
import {
  pickNumbers,
  pickTexts,
  requireNumber,
  requireText,
  toAppSeed,
  toChangeOptions,
  toFault,
  toFieldSeed,
  toFieldValues,
  toObjectSeed,
  toUserSeed,
} from "./read-input.ts";

const PAGE_SIZE = 1000;
const touches = ["user", "system", "none"] as const;
const states = ["live", "deleted", "gone"] as const;

type Action = (body: Fields) => unknown;

/** What can be asked of Control over HTTP. */
export function createActions(control: Control): Readonly<Record<string, Action>> {
  return { ...lookingActions(control), ...changingActions(control), ...steeringActions(control) };
}

function lookingActions(control: Control): Readonly<Record<string, Action>> {
  return {
    requests: (body) => toPage(body, (page) => control.requests({ ...toRequestQuery(body), ...page })),
    counts: () => control.counts(),
    usage: () => control.usage(),
    rows: (body) => toPage(body, (page) => control.rows({ ...toRowQuery(body), ...page })),
    row: (body) => control.row(requireText(body, "id")) ?? null,
    now: () => control.now(),
    faults: () => control.faults(),
    knobs: () => control.knobs(),
  };
}

function changingActions(control: Control): Readonly<Record<string, Action>> {
  const object = (body: Fields) => requireText(body, "object");
  const id = (body: Fields) => requireText(body, "id");
  return {
    create: (body) => control.create(object(body), toFieldValues(body), toChangeOptions(body)),
    update: (body) => control.update(id(body), toFieldValues(body), toUpdateOptions(body)),
    "update-many": (body) =>
      control.updateMany(
        object(body),
        Array.isArray(body["ids"]) ? textsField(body, "ids") : undefined,
        toFieldValues(body),
        toUpdateOptions(body),
      ),
    delete: (body) => control.delete(id(body), toChangeOptions(body)),
    undelete: (body) => control.undelete(id(body), toChangeOptions(body)),
    purge: (body) => control.purge(id(body), toChangeOptions(body)),
    merge: (body) => control.merge(requireText(body, "winnerId"), textsField(body, "loserIds"), toChangeOptions(body)),
    "settle-commits": () => control.settleCommits(),
    "trim-deleted-log": (body) => control.trimDeletedLog(object(body), requireNumber(body, "beforeMs")),
    "define-field": (body) => control.defineField(object(body), toFieldSeed(body)),
    "remove-field": (body) => control.removeField(object(body), requireText(body, "field")),
    "define-object": (body) => control.defineObject(toObjectSeed(body)),
    "deactivate-picklist-value": (body) =>
      control.deactivatePicklistValue(object(body), requireText(body, "field"), requireText(body, "value")),
  };
}

function steeringActions(control: Control): Readonly<Record<string, Action>> {
  return {
    "set-clock-offset": (body) => control.setClockOffset(requireNumber(body, "offsetMs")),
    "advance-clock": (body) => control.advanceClock(requireNumber(body, "durationMs")),
    "set-usage": (body) => control.setUsage({ requests: requireNumber(body, "requests") }),
    "add-app": (body) => control.addApp(toAppSeed(body)),
    "set-user": (body) => control.setUser(toUserSeed(body)),
    "revoke-token": (body) => control.revokeToken(requireText(body, "token")),
    "revoke-all": () => control.revokeAll(),
    "expire-sessions": () => control.expireSessions(),
    "forget-locators": () => control.forgetLocators(),
    "add-fault": (body) => control.addFault(toFault(body)),
    "remove-fault": (body) => control.removeFault(requireNumber(body, "id")),
    "clear-faults": () => control.clearFaults(),
    "set-knobs": (body) => control.setKnobs(body),
    reset: () => control.reset(),
  };
}

/** One page of a list; `nextOffset` is null on the last one. */
function toPage(body: Fields, read: (page: { offset: number; limit: number }) => readonly unknown[]) {
  const offset = numberField(body, "offset") ?? 0;
  const limit = Math.min(numberField(body, "limit") ?? PAGE_SIZE, PAGE_SIZE);
  const items = read({ offset, limit: limit + 1 });
  const more = items.length > limit;
  return { items: items.slice(0, limit), nextOffset: more ? offset + limit : null };
}

function toRequestQuery(body: Fields): RequestQuery {
  const family = families.find((known) => known === body["family"]);
  return {
    ...pickTexts(body, ["method", "path"]),
    ...pickNumbers(body, ["afterNumber"]),
    ...(family === undefined ? {} : { family }),
  };
}

function toRowQuery(body: Fields): RowQuery {
  const state = states.find((known) => known === body["state"]);
  return {
    ...pickTexts(body, ["object"]),
    ...(state === undefined ? {} : { state }),
    ...(Array.isArray(body["fields"]) ? { fields: textsField(body, "fields") } : {}),
  };
}

function toUpdateOptions(body: Fields): UpdateOptions {
  const touch = touches.find((known) => known === body["touch"]);
  return { ...toChangeOptions(body), ...(touch === undefined ? {} : { touch }) };
}
