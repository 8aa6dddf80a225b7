import { defineConfig } from "vitest/config";
import base from "../../vitest.base.ts";

/**
 * The shared settings, but without "import" among the conditions: vitest hands them to Node, where they hold for `require` too,
 * and pg requires pg-pool, which then answers with a module instead of a class. Vite itself adds "import" where it belongs.
 */
const conditions = ["@acme/source", "node"];

export default defineConfig({ ...base, ssr: { resolve: { conditions, externalConditions: conditions } } });
