import { expect, test } from "vitest";
import { createMatcher } from "./matcher.ts";

const routes = [
  { method: "GET", path: "/items" },
  { method: "GET", path: "/items/:id" },
  { method: "GET", path: "/items/latest" },
  { method: "POST", path: "/Items/:id/:part" },
];

test.each([
  ["GET", "/items", "/items", {}],
  ["GET", "/items/7", "/items/:id", { id: "7" }],
  ["GET", "/items/a%20b", "/items/:id", { id: "a b" }],
  ["GET", "/items/100%", "/items/:id", { id: "100%" }],
  ["GET", "/items/latest", "/items/:id", { id: "latest" }],
  ["POST", "/Items/Ab/Cd", "/Items/:id/:part", { id: "Ab", part: "Cd" }],
])("%s %s is %s, the first that fits", (method, path, route, params) => {
  expect(createMatcher(routes)(method, path)).toEqual({ route: { method, path: route }, params });
});

test.each([
  ["DELETE", "/items"],
  ["GET", "/items/"],
  ["GET", "/items/1/2"],
  ["GET", "/ITEMS"],
  ["POST", "/items/a/b"],
])("%s %s is nothing", (method, path) => {
  expect(createMatcher(routes)(method, path)).toBeUndefined();
});

test("fixed segments can be in any case, names keep theirs", () => {
  expect(createMatcher(routes, true)("POST", "/iTEMS/Ab/Cd")?.params).toEqual({ id: "Ab", part: "Cd" });
});
