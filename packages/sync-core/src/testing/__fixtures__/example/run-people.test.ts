import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPersonizeApi } from "@acme/personize-api";
import { expect, it } from "vitest";
import { runPeople } from "./run-people.ts";

it("brings people into Personize, and sends nothing when nothing changed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "people-"));
  const key = "sk_test_people";
  const plan = { perMinute: 100_000, perMonth: 10_000_000 };
  const api = await startPersonizeApi({
    landingDelayMs: 20,
    organizations: [{ id: "org_people", keys: [key], plan }],
  });
  try {
    const file = join(folder, "people.json");
    await writeFile(
      file,
      JSON.stringify([
        { id: "1", name: "Ada" },
        { id: "2", name: "Grace" },
      ]),
    );
    const run = () => runPeople(file, key, api.url, join(folder, "state.db"));
    expect(await run()).toMatchObject({ outcome: "done", rows: { read: 2, landed: 2 } });
    expect(await run()).toMatchObject({ outcome: "done", rows: { read: 2, unchanged: 2, sent: 0 } });

    const kept = (await readdir(folder)).filter((name) => name.startsWith("state.db"));
    expect(kept).not.toEqual([]);
    for (const name of kept) {
      const content = await readFile(join(folder, name), "latin1");
      expect(content, "the state holds no row contents").not.toContain("Grace");
    }
  } finally {
    await api.close();
    await rm(folder, { recursive: true });
  }
});
