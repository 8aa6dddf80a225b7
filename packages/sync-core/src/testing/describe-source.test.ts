import { createMemoryHarness } from "./__fixtures__/memory-harness.ts";
import { createMemorySource, honest, honestInFull } from "./__fixtures__/memory-source.ts";
import { describeSource } from "./describe-source.ts";

describeSource("an honest source with a cursor field", {
  create: async () =>
    createMemoryHarness((system, access, pageRows) => createMemorySource({ system, access, pageRows, rules: honest })),
});

describeSource("an honest source that is compared in full", {
  create: async () =>
    createMemoryHarness((system, access, pageRows) =>
      createMemorySource({ system, access, pageRows, rules: honestInFull }),
    ),
  cannot: { clearCursor: "there is no cursor field" },
  seed: 2,
});
