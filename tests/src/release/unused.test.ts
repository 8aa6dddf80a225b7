import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../repository.ts";

/** Files, exports and dependencies that nothing uses, and dependencies that nobody lists, below a folder. */
function knip(folder: string): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "node_modules/knip/bin/knip.js"), "--directory", folder, "--no-config-hints"],
    { cwd: folder, encoding: "utf8" },
  );
  return { code: status, said: stdout + stderr };
}

it("nothing in the repository is unused, and no dependency unlisted", () => {
  const { code, said } = knip(root);
  expect(code, said).toBe(0);
});

it("is told when something is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sync-unused-"));
  try {
    await mkdir(join(folder, "src"));
    await writeFile(
      join(folder, "package.json"),
      JSON.stringify({ name: "broken", type: "module", main: "src/index.js", dependencies: { nobody: "1.0.0" } }),
    );
    await writeFile(join(folder, "src/index.js"), 'import "unlisted";\n');
    await writeFile(join(folder, "src/forgotten.js"), "export const a = 1;\n");
    const { code, said } = knip(folder);
    expect(code).toBe(1);
    for (const name of ["forgotten.js", "nobody", "unlisted"]) expect(said).toContain(name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
