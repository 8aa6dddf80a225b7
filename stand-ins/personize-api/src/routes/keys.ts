import { type Fields, isFields, listField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import { type Call, type Handler, requireRecord } from "../call.ts";
import { toNamedKeys } from "../records.ts";
import { toReply } from "../reply.ts";

const MAX_RECORDS = 100;
const MAX_KEYS = 50;

/** `updateKeys`: registers further keys of a record; keys owned by another record are reported, not moved. Free. */
export const updateKeys: Handler = (call) => toReply(register(call, call.body));

/** `updateKeysBatch`: at most 100 records of 50 keys each. */
export const updateKeysBatch: Handler = (call) => {
  const records = listField(call.body, "records").filter(isFields);
  if (records.length === 0 || records.length > MAX_RECORDS) {
    throw new ApiError(400, "INVALID_PARAMS", `records takes 1 to ${MAX_RECORDS} entries`);
  }
  return toReply({ results: records.map((record) => register(call, { type: call.body["type"], ...record })) });
};

/** `listKeys` */
export const listKeys: Handler = (call) => {
  const record = requireRecord(call);
  const keys = Object.entries(toNamedKeys(record)).map(([keyName, keyValue]) => ({ keyName, keyValue }));
  return toReply({ recordId: call.organization.records.recordIdOf(record), keys });
};

/** `deleteKeys`: never the key a record is made of. */
export const deleteKeys: Handler = (call) => {
  const record = requireRecord(call);
  const deleted: unknown[] = [];
  const blocked: unknown[] = [];
  for (const key of readKeys(call.body)) {
    if (call.organization.records.unregister(record, key.keyName, key.keyValue)) deleted.push(key);
    else blocked.push(key);
  }
  call.world.changed = true;
  call.applied = true;
  return toReply({ recordId: call.organization.records.recordIdOf(record), deleted, blocked });
};

function register(call: Call, body: Fields) {
  const { records } = call.organization;
  const record = requireRecord(call, body);
  const keys = readKeys(body);
  if (keys.length > MAX_KEYS) throw new ApiError(400, "INVALID_PARAMS", `keys takes at most ${MAX_KEYS} entries`);
  const registered: unknown[] = [];
  const conflicts: unknown[] = [];
  for (const { keyName, keyValue } of keys) {
    const owner = records.register(record, keyName, keyValue);
    if (owner === undefined) registered.push({ keyName, keyValue });
    else conflicts.push({ keyName, keyValue, existingRecordId: records.recordIdOf(owner) });
  }
  call.world.changed = true;
  call.applied = true;
  return { recordId: records.recordIdOf(record), registered, conflicts };
}

/** Keys as a map, or as a list of `{keyName, keyValue}`. */
function readKeys(body: Fields): readonly { keyName: string; keyValue: string }[] {
  const { keys } = body;
  const pairs = Array.isArray(keys)
    ? keys.filter(isFields).map((key) => [textField(key, "keyName"), textField(key, "keyValue")] as const)
    : isFields(keys)
      ? Object.entries(keys).map(([name, value]) => [name, typeof value === "string" ? value : undefined] as const)
      : [];
  if (pairs.length === 0) throw new ApiError(400, "MISSING_PARAMS", "keys is required");
  return pairs.flatMap(([keyName, keyValue]) =>
    keyName === undefined || keyValue === undefined ? [] : [{ keyName, keyValue }],
  );
}
