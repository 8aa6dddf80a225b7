/** Turns the `data` of an answer into the documented list shape; unexpected data is passed on as it is. */
export type ToListData = (data: unknown) => unknown;

/** `collections.list`: flat items, with `actions`, `count` and `nextToken` on the array. */
export const toCollectionList: ToListData = (data) => {
  if (!isObject(data) || !Array.isArray(data["actions"])) return data;
  const items = data["actions"].filter(isObject).map((action) => {
    const payload = isObject(action["payload"]) ? action["payload"] : {};
    return { ...payload, id: payload["collectionId"] ?? action["id"], name: payload["collectionName"] };
  });
  return Object.assign(items, data);
};

/** `search`: one item per record id, with the named fields on the array. */
export const toSearchList: ToListData = (data) => {
  if (!isObject(data) || !Array.isArray(data["recordIds"])) return data;
  const items = data["recordIds"].map((recordId: unknown) => ({
    ...readMember(data["crmKeys"], recordId),
    ...(isObject(data["records"]) ? { properties: readMember(data["records"], recordId) } : {}),
    recordId,
  }));
  return Object.assign(items, data);
};

/** `recall`: the memories, with the named fields on the array. */
export const toMemoryList: ToListData = (data) => {
  if (!isObject(data) || !Array.isArray(data["memories"])) return data;
  return Object.assign([...data["memories"]], data);
};

function readMember(map: unknown, name: unknown): Record<string, unknown> {
  const member = isObject(map) && typeof name === "string" ? map[name] : undefined;
  return isObject(member) ? member : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
