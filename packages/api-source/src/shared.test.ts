import { createTestRuntime } from "@acme/test-servers";
import { expect, it } from "vitest";
import { createShared } from "./shared.ts";

it("what is shared is shared by those with the same key and runtime, and the same registry", () => {
  const [one, other] = [createTestRuntime(0), createTestRuntime(0)];
  const shared = createShared<object>();
  const made = shared(one, ["a", "b"], () => ({}));
  expect(shared(one, ["a", "b"], () => ({}))).toBe(made);
  const others = [
    shared(one, ["ab"], () => ({})),
    shared(one, ["a,b"], () => ({})),
    shared(other, ["a", "b"], () => ({})),
    createShared<object>()(one, ["a", "b"], () => ({})),
  ];
  expect(others).not.toContain(made);
});
