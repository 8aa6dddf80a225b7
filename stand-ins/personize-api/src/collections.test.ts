import { expect, test } from "vitest";
import { startTestApi } from "./__fixtures__/start-test-api.ts";

test("a reader of one page misses Generated Content; following nextToken finds everything once", async () => {
  const { get } = await startTestApi({ organizations: [{ plan: "pro" }] });
  const names: unknown[] = [];
  let token: string | undefined = "";
  for (let page = 0; token !== undefined; page += 1) {
    const answer = await get(`/api/v1/collections${token === "" ? "" : `?nextToken=${token}`}`);
    const actions = answer.at("data.actions");
    if (!Array.isArray(actions)) throw new Error(answer.text);
    expect(answer.at("data.count")).toBe(actions.length);
    for (let index = 0; index < actions.length; index += 1) {
      names.push(answer.at(`data.actions.${index}.payload.collectionName`));
    }
    if (page === 0) {
      expect(actions).toHaveLength(25);
      expect(names).toContain("Contacts Standard Schema");
      expect(names).not.toContain("Generated Content");
    }
    const next = answer.at("data.nextToken");
    token = typeof next === "string" ? next : undefined;
  }
  expect(names).toContain("Generated Content");
  expect(names.length).toBeGreaterThanOrEqual(30);
  expect(new Set(names).size).toBe(names.length);
});

test("limit is obeyed up to 100, and the page size is a knob", async () => {
  const { get, control } = await startTestApi();
  expect((await get("/api/v1/collections?limit=2")).at("data.count")).toBe(2);
  expect((await get("/api/v1/collections?limit=1000")).at("data.count")).toBe(39);
  control.setKnobs({ collectionsMaxPageSize: 10, collectionsPageSize: 3 });
  expect((await get("/api/v1/collections")).at("data.count")).toBe(3);
  expect((await get("/api/v1/collections?limit=1000")).at("data.count")).toBe(10);
});

test("an action has an id of its own; the payload names the collection and its properties", async () => {
  const { get } = await startTestApi({
    organizations: [
      {
        collections: [
          {
            collectionId: "col_1",
            collectionName: "People",
            entityType: "contact",
            properties: [{ propertyName: "Tags", systemName: "tags", type: "array", update: false }],
          },
        ],
      },
    ],
  });
  const answer = await get("/api/v1/collections");
  expect(answer.at("data.actions.0.id")).not.toBe("col_1");
  expect(answer.at("data.actions.0.payload.collectionId")).toBe("col_1");
  expect(answer.at("data.actions.0.payload.properties.0")).toMatchObject({
    propertyName: "Tags",
    systemName: "tags",
    type: "array",
    update: false,
    updateSemantics: "append",
    status: "Active",
  });
  expect(answer.at("data.nextToken")).toBeUndefined();
});

test("the same organization gets the same collection ids after a restart", async () => {
  const ids = await Promise.all(
    [0, 1].map(async () => (await (await startTestApi()).get("/api/v1/collections")).at("data.actions.0.payload")),
  );
  expect(ids[0]).toEqual(ids[1]);
});

test("collections can be created in both forms, changed, looked back on and deleted", async () => {
  const { get, post, send } = await startTestApi({ organizations: [{ collections: [] }] });
  const rest = await post("/api/v1/collections", {
    collectionName: "Deals",
    entityType: "deal",
    definition: "What is sold",
    properties: [{ propertyName: "Deal Stage", type: "options" }],
  });
  expect(rest.status).toBe(201);
  expect(rest.at("data.payload.properties.0.systemName")).toBe("deal_stage");
  expect((await post("/api/v1/collections", { name: "Visits", slug: "visits", properties: [] })).status).toBe(201);
  expect((await post("/api/v1/collections", { name: "Visits", properties: [] })).status).toBe(409);

  const id = String(rest.at("data.payload.collectionId"));
  const changed = await send("PATCH", `/api/v1/collections/${id}`, { properties: [{ propertyName: "Amount" }] });
  expect(changed.at("data.payload.properties.1.systemName")).toBe("amount");
  expect((await get(`/api/v1/collections/${id}/history`)).at("data.history.1.action")).toBe("updated");
  expect((await send("DELETE", `/api/v1/collections/${id}`)).status).toBe(200);
  expect((await get("/api/v1/collections")).at("data.count")).toBe(1);
  expect((await send("DELETE", `/api/v1/collections/${id}`)).status).toBe(404);
});
