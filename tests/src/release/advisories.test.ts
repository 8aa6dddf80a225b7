import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { root } from "../repository.ts";

const { status, stdout, stderr } = spawnSync("npx", ["-y", "pnpm@12", "audit", "--prod", "--audit-level", "high"], {
  cwd: root,
  encoding: "utf8",
});
const isAnswered = !/ERR_PNPM_AUDIT_(BAD_RESPONSE|ENDPOINT)|fetch failed|ENOTFOUND|ECONNREFUSED/.test(stdout + stderr);

it.skipIf(!isAnswered)(
  "no dependency that users get has a known grave weakness [needs advisories: a package registry that answers audits]",
  () => {
    expect(status, stdout + stderr).toBe(0);
  },
);
