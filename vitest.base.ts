import { defineConfig } from "vitest/config";

/** What every package's tests share: sources instead of builds, and a result file that the root command adds up. */
export default defineConfig({
  ssr: {
    resolve: {
      conditions: ["@acme/source", "node", "default"],
      externalConditions: ["@acme/source", "node"],
    },
  },
  test: {
    reporters: ["default", ["json", { outputFile: ".turbo/test-results.json" }]],
    include: ["src/**/*.test.ts"],
    // Files share modules, and what the engine has compiled: all anew for each of them took a third of the time.
    isolate: false,
    // Against hangs only: a busy machine must not fail a test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
