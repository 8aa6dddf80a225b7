import {
  type Actions,
  type Fields,
  pickNumbers,
  pickTexts,
  readLogQuery,
  requireNumber,
  requireText,
  steeringActions,
  textField,
  textsField,
  toPage,
} from "@acme/stand-in-kit";
import type { Control, RecordQuery, RequestQuery, UpdateOptions } from "./control.ts";
import { families } from "./counters.ts";
import type { PropertySeed } from "./portal/property-definition.ts";
import { toAppSeed, toFault, toPropertyValues } from "./read-input.ts";

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
    "peak-calls": (body) => control.peakCalls(requireNumber(body, "windowMs")),
    usage: (body) => control.usage(textField(body, "app")),
    records: (body) => toPage(body, (page) => control.records({ ...toRecordQuery(body), ...page })),
    record: (body) => control.record(requireText(body, "type"), requireText(body, "id")) ?? null,
    "survivor-of": (body) => control.survivorOf(requireText(body, "type"), requireText(body, "id")) ?? null,
    associated: (body) =>
      control.associated(requireText(body, "fromType"), requireText(body, "fromId"), requireText(body, "toType")),
  };
}

function changingActions(control: Control): Actions {
  const type = (body: Fields) => requireText(body, "type");
  const id = (body: Fields) => requireText(body, "id");
  return {
    create: (body) =>
      control.create(type(body), toPropertyValues(body), {
        ...pickNumbers(body, ["atMs"]),
        ...pickTexts(body, ["id"]),
      }),
    update: (body) => control.update(type(body), id(body), toPropertyValues(body), toUpdateOptions(body)),
    "update-many": (body) =>
      control.updateMany(
        type(body),
        Array.isArray(body["ids"]) ? textsField(body, "ids") : undefined,
        toPropertyValues(body),
        toUpdateOptions(body),
      ),
    archive: (body) => control.archive(type(body), id(body), pickNumbers(body, ["atMs"])),
    restore: (body) => control.restore(type(body), id(body), pickNumbers(body, ["atMs"])),
    merge: (body) =>
      control.merge(
        type(body),
        requireText(body, "primaryId"),
        requireText(body, "loserId"),
        pickNumbers(body, ["atMs"]),
      ),
    "gdpr-delete": (body) => control.gdprDelete(type(body), id(body)),
    associate: (body) => control.associate(...toLink(body), textField(body, "label")),
    dissociate: (body) => control.dissociate(...toLink(body)),
    "define-property": (body) => control.defineProperty(type(body), { ...body, name: requireText(body, "name") }),
    "archive-property": (body) => control.archiveProperty(type(body), requireText(body, "name")),
    "restore-property": (body) => control.restoreProperty(type(body), requireText(body, "name")),
    "define-custom-object": (body) =>
      control.defineCustomObject({ name: requireText(body, "name"), properties: toPropertySeeds(body) }),
    "settle-index": () => control.settleIndex(),
    "archive-owner": (body) => control.archiveOwner(id(body), body["archived"] !== false),
  };
}

function accessActions(control: Control): Actions {
  return {
    "set-usage": (body) => control.setUsage({ dailyCalls: requireNumber(body, "dailyCalls") }),
    "add-app": (body) => control.addApp(toAppSeed(body)),
    "set-scopes": (body) => control.setScopes(textsField(body, "scopes"), textField(body, "app")),
    "revoke-token": (body) => control.revokeToken(requireText(body, "token")),
    "revoke-app": (body) => control.revokeApp(textField(body, "app")),
    "expire-access-tokens": () => control.expireAccessTokens(),
    "set-disconnected": (body) => control.setDisconnected(body["disconnected"] !== false),
  };
}

function toRequestQuery(body: Fields): RequestQuery {
  const family = families.find((known) => known === body["family"]);
  return { ...readLogQuery(body), ...(family === undefined ? {} : { family }) };
}

function toRecordQuery(body: Fields): RecordQuery {
  return {
    ...pickTexts(body, ["type"]),
    archived: body["archived"] === true,
    ...(Array.isArray(body["properties"]) ? { properties: textsField(body, "properties") } : {}),
  };
}

function toUpdateOptions(body: Fields): UpdateOptions {
  return { ...pickNumbers(body, ["atMs"]), touch: body["touch"] !== false };
}

function toLink(body: Fields): [string, string, string, string] {
  return [
    requireText(body, "fromType"),
    requireText(body, "fromId"),
    requireText(body, "toType"),
    requireText(body, "toId"),
  ];
}

function toPropertySeeds(body: Fields): readonly PropertySeed[] {
  return textsField(body, "properties").map((name) => ({ name }));
}
