import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** What V8 says of where it will allocate from now on, when a program keeps everything that it makes for a while. */
function decisionsOf(beforehand: string): string {
  const program = `
    import { keepRowsYoung } from ${JSON.stringify(new URL("./keep-rows-young.ts", import.meta.url).href)};
    ${beforehand}
    const makeRow = (id) => ({ key: id, fields: { id, name: "n" + id } });
    for (let page = 0; page < 40; page += 1) Array.from({ length: 20_000 }, (_item, id) => makeRow(id));
  `;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--trace-pretenuring-statistics", "--no-warnings", "--input-type=module", "--eval", program],
    { cwd: fileURLToPath(new URL(".", import.meta.url)), encoding: "utf8" },
  );
  expect({ status, stderr }).toStrictEqual({ status: 0, stderr: "" });
  return stdout;
}

it("leaves rows where short-lived objects are, however long the first of them lived", () => {
  expect(decisionsOf("")).toMatch(/tenure/);
  expect(decisionsOf("keepRowsYoung();")).toBe("");
});
