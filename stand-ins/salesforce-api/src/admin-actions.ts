import {
  type Actions,
  type Fields,
  pickTexts,
  readLogQuery,
  requireNumber,
  requireText,
  steeringActions,
  textsField,
  toPage,
} from "@acme/stand-in-kit";
import type { Control, RequestQuery, RowQuery, UpdateOptions } from "./control.ts";
import { families } from "./counters.ts";
import {
  toAppSeed,
  toChangeOptions,
  toFault,
  toFieldSeed,
  toFieldValues,
  toObjectSeed,
  toUserSeed,
} from "./read-input.ts";

const touches = ["user", "system", "none"] as const;
const states = ["live", "deleted", "gone"] as const;

/** What can be asked of Control over HTTP. */
export function createActions(control: Control): Actions {
  return {
    ...steeringActions(control, toFault),
    ...lookingActions(control),
    ...changingActions(control),
    ...accessActions(control),
  };
}

function lookingActions(control: Control): Actions {
  return {
    requests: (body) => toPage(body, (page) => control.requests({ ...toRequestQuery(body), ...page })),
    counts: () => control.counts(),
    usage: () => control.usage(),
    rows: (body) => toPage(body, (page) => control.rows({ ...toRowQuery(body), ...page })),
    row: (body) => control.row(requireText(body, "id")) ?? null,
  };
}

function changingActions(control: Control): Actions {
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

function accessActions(control: Control): Actions {
  return {
    "set-usage": (body) => control.setUsage({ requests: requireNumber(body, "requests") }),
    "add-app": (body) => control.addApp(toAppSeed(body)),
    "set-user": (body) => control.setUser(toUserSeed(body)),
    "revoke-token": (body) => control.revokeToken(requireText(body, "token")),
    "revoke-all": () => control.revokeAll(),
    "expire-sessions": () => control.expireSessions(),
    "forget-locators": () => control.forgetLocators(),
  };
}

function toRequestQuery(body: Fields): RequestQuery {
  const family = families.find((known) => known === body["family"]);
  return { ...readLogQuery(body), ...(family === undefined ? {} : { family }) };
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
