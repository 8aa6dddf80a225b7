import { defineConfig } from "vitest/config";
import base from "../../vitest.base.ts";

/** The shared settings; whole passes over ten thousands of records take their time on a small machine. */
export default defineConfig({ ...base, test: { ...base.test, testTimeout: 120_000 } });
