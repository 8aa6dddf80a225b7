import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeSource } from "@acme/sync-core/testing";
import { createPeopleSource } from "./people-source.ts";

describeSource("a file of people", {
  async create() {
    const folder = await mkdtemp(join(tmpdir(), "people-"));
    const path = join(folder, "people.json");
    const people = new Map<string, { id: string; name: string | null }>();
    let lastId = 0;
    const save = async () => {
      await writeFile(`${path}.new`, JSON.stringify([...people.values()]));
      await rename(`${path}.new`, path);
    };
    await save();
    return {
      textField: "name",
      secrets: [],
      open: ({ pageRows, fault }) => createPeopleSource(fault === "stream" ? `${path}.gone` : path, pageRows),
      async insert(names) {
        const added = names.map((name) => ({ id: String(++lastId), name }));
        for (const person of added) people.set(person.id, person);
        await save();
        return added.map(({ id }) => id);
      },
      async update(id, name) {
        people.set(id, { id, name });
        await save();
      },
      async remove(id) {
        people.delete(id);
        await save();
      },
      dispose: () => rm(folder, { recursive: true }),
    };
  },
  cannot: {
    clearCursor: "there is no cursor field",
    beginLate: "a file is replaced at once",
    insertEveryType: "everything is text",
    stall: "a disk answers",
    cut: "there is no connection",
    sessions: "there is no connection",
    credentials: "a file asks for none",
    address: "a file is there or not",
  },
});
