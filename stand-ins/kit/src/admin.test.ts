import { expect, test } from "vitest";
import { administer, startForTest } from "./__fixtures__/start-for-test.ts";

test.each([
  ["wat", "{}", "No admin route wat: now, "],
  ["toString", "{}", "No admin route toString"],
  ["toString", '{"stream":true}', "No admin route toString"],
  ["nothing", "[]", "The body must be a JSON object"],
  ["nothing", "{", "JSON"],
  ["advance-clock", "{}", "durationMs must be a number"],
  ["add-fault", '{"kind":"flood"}', "Unknown fault kind flood"],
  ["add-fault", '{"kind":"defect","path":"("}', "Invalid regular expression"],
  ["set-knobs", '{"wat":1}', "Unknown knob wat"],
  ["set-knobs", '{"logSize":"many"}', 'Knob logSize takes a number, not "many"'],
])("%s with %s is refused in words", async (name, body, message) => {
  const api = await startForTest();
  const answer = await administer(api, name, body);
  expect(answer).toEqual({ status: 400, body: { ok: false, message: expect.stringContaining(message) } });
});

test("what has no result answers null, with or without a body", async () => {
  const api = await startForTest();
  for (const body of [undefined, "{}"]) {
    expect(await administer(api, "nothing", body)).toEqual({ status: 200, body: { ok: true, result: null } });
  }
});

test("it steers clock, knobs and faults", async () => {
  const api = await startForTest({ now: () => 1000 });
  await administer(api, "set-clock-offset", '{"offsetMs":5}');
  await administer(api, "advance-clock", '{"durationMs":"7"}');
  expect((await administer(api, "now")).body).toEqual({ ok: true, result: 1012 });
  await administer(api, "set-knobs", '{"text":"another"}');
  expect((await administer(api, "knobs")).body).toMatchObject({ result: { text: "another", logSize: 5000 } });
  expect(await (await fetch(api.url)).text()).toBe("another");
  const fault = { kind: "defect", method: "get", path: "^/a", nth: 2, times: 3, headers: { "X-One": 1 } };
  const added = await administer(api, "add-fault", JSON.stringify(fault));
  expect(added.body).toEqual({ ok: true, result: 1 });
  await fetch(`${api.url}/a`);
  expect((await administer(api, "faults")).body).toMatchObject({
    result: [{ id: 1, matched: 1, hits: 0, fault: { ...fault, applied: false, headers: { "X-One": "1" } } }],
  });
  await administer(api, "remove-fault", '{"id":1}');
  expect((await administer(api, "faults")).body).toMatchObject({ result: [] });
});

test("lists come in pages of 1,000 at the most, or as a stream of lines", async () => {
  const api = await startForTest();
  for (let count = 0; count < 21; count += 1) {
    await Promise.all(Array.from({ length: 50 }, async () => (await fetch(api.url)).text()));
  }
  const page = async (body: object) => {
    const answer = await administer(api, "requests", JSON.stringify(body));
    const { result }: { result: { items: { number: number }[]; nextOffset: number | null } } = JSON.parse(
      JSON.stringify(answer.body),
    );
    return { numbers: result.items.map((item) => item.number), nextOffset: result.nextOffset };
  };
  const first = await page({ limit: 9999 });
  expect([first.numbers.length, first.nextOffset]).toEqual([1000, 1000]);
  expect(await page({ offset: 1000 })).toEqual({
    numbers: Array.from({ length: 50 }, (_, index) => 1001 + index),
    nextOffset: null,
  });
  expect(await page({ offset: 1, limit: 2 })).toEqual({ numbers: [2, 3], nextOffset: 3 });
  expect(await page({ offset: 1048, limit: 2 })).toMatchObject({ nextOffset: null });
  const stream = await fetch(`${api.url}/__admin/requests`, { method: "POST", body: '{"stream":true}' });
  expect(stream.headers.get("content-type")).toBe("application/x-ndjson");
  expect((await stream.text()).trimEnd().split("\n")).toHaveLength(1050);
});
