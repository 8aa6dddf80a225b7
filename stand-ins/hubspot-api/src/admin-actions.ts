import type { Control, RecordQuery, RequestQuery, UpdateOptions } from "./control.ts";
import { families } from "./counters.ts";
import { type Fields, numberField, textField, textsField } from "./fields.ts";
import type { PropertySeed } from "./portal/property-definition.ts";
import {
  pickNumbers,
  pickTexts,
  requireNumber,
  requireText,
  toAppSeed,
  toFault,
  toPropertyValues,
} from "./read-input.ts";

const PAGE_SIZE = 1000;

type Action = (body: Fields) => unknown;

/** What can be asked of Control over HTTP. */
export function createActions(control: Control): Readonly<Record<string, Action>> {
  return { ...lookingActions(control), ...changingActions(control), ...steeringActions(control) };
}

function lookingActions(control: Control): Readonly<Record<string, Action>> {
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
    now: () => control.now(),
    faults: () => control.faults(),
    knobs: () => control.knobs(),
  };
}

function changingActions(control: Control): Readonly<Record<string, Action>> {
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
    "archive-owner": (body) => control.archiveOwner(id(body), body["archived"] !== false),
  };
}

function steeringActions(control: Control): Readonly<Record<string, Action>> {
  return {
    "set-clock-offset": (body) => control.setClockOffset(requireNumber(body, "offsetMs")),
    "advance-clock": (body) => control.advanceClock(requireNumber(body, "durationMs")),
    "settle-index": () => control.settleIndex(),
    "set-usage": (body) => control.setUsage({ dailyCalls: requireNumber(body, "dailyCalls") }),
    "add-app": (body) => control.addApp(toAppSeed(body)),
    "set-scopes": (body) => control.setScopes(textsField(body, "scopes"), textField(body, "app")),
    "revoke-token": (body) => control.revokeToken(requireText(body, "token")),
    "revoke-app": (body) => control.revokeApp(textField(body, "app")),
    "expire-access-tokens": () => control.expireAccessTokens(),
    "set-disconnected": (body) => control.setDisconnected(body["disconnected"] !== false),
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
