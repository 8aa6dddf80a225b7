import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startForTest } from "./__fixtures__/start-for-test.ts";
import { startTinyApi } from "./__fixtures__/tiny-api.ts";

test("answers are dated by the stand-in's clock", async () => {
  const api = await startForTest({ now: () => Date.UTC(2026, 0, 1) });
  api.control.advanceClock(61_000);
  const response = await fetch(api.url);
  expect(response.headers.get("date")).toBe("Thu, 01 Jan 2026 00:01:01 GMT");
});

test.each([
  ["//double/slash", "//double/slash"],
  ["http://elsewhere.example/whole", "/whole"],
  ["*", "/*"],
])("a request for %s is one for the path %s", async (target, path) => {
  const api = await startForTest();
  const socket = connect(api.port, "127.0.0.1");
  socket.write(`GET ${target} HTTP/1.1\r\nHost: stand-in\r\nConnection: close\r\n\r\n`);
  socket.resume();
  await once(socket, "close");
  expect(api.control.requests().map((entry) => entry.path)).toEqual([path]);
});

test("an address that is none is a defect that the server survives", async () => {
  const api = await startForTest();
  const socket = connect(api.port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.write("GET http://[ HTTP/1.1\r\nHost: stand-in\r\nConnection: close\r\n\r\n");
  await once(socket, "close");
  expect(text).toContain("500");
  expect(text).toContain("Defect of the stand-in: ");
  expect((await fetch(api.url)).status).toBe(200);
});

test("a defect of the stand-in is a 500 that says so", async () => {
  const api = await startForTest();
  api.control.addFault({ kind: "defect" });
  const response = await fetch(api.url);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ message: "Defect of the stand-in: something is wrong" });
});

test("connections can be cut under a request, and new ones are taken", async () => {
  const api = await startForTest();
  api.control.addFault({ kind: "hang-before" });
  const hanging = fetch(api.url).then(
    () => "answered",
    () => "cut",
  );
  await expect.poll(() => api.control.requests().length).toBe(1);
  api.cutConnections();
  expect(await hanging).toBe("cut");
  await expect.poll(() => api.control.requests()[0]?.aborted).toBe(true);
  expect((await fetch(api.url)).status).toBe(200);
});

test("it closes once, and then lets go of the port", async () => {
  let closed = 0;
  const api = await startTinyApi({
    closed: () => {
      closed += 1;
    },
  });
  await Promise.all([api.close(), api.close()]);
  await api.close();
  expect(closed).toBe(1);
  const next = await startForTest({ port: api.port });
  expect(next.port).toBe(api.port);
});

test("a taken port rejects with the system's error", async () => {
  const api = await startForTest();
  await expect(startTinyApi({ port: api.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
