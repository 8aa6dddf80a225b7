import type { JsonObject } from "../../contracts/json.ts";
import type { Source } from "../../contracts/source.ts";
import type { SourceHarness } from "../source-harness.ts";
import { type MemoryAccess, type MemoryRow, MemorySystem, PASSWORD } from "./memory-system.ts";
import { toFields, toIso } from "./memory-source.ts";

export type MakeSource = (system: MemorySystem, access: MemoryAccess, pageRows: number) => Source;

const EVERY_TYPE: JsonObject = {
  amount: "12345678901234567890.10",
  born: "2024-02-29",
  active: false,
  visits: 0.5,
  tags: ["a", null, ["b"]],
  data: { deep: [{ er: null }] },
};

/** A harness over a memory system of its own, for whatever source `make` gives. */
export function createMemoryHarness(make: MakeSource): SourceHarness {
  const system = new MemorySystem();
  const toKey = (row: MemoryRow): string => JSON.stringify([row.tenant, String(row.id)]);
  const find = (key: string): MemoryRow => {
    const found = [...system.rows.values()].find((row) => toKey(row) === key);
    if (found === undefined) throw new Error(`no row ${key}`);
    return found;
  };
  return {
    textField: "note",
    secrets: [PASSWORD, "wrong-password"],
    open: ({ pageRows, fault }) =>
      make(
        system,
        {
          password: fault === "credentials" ? "wrong-password" : PASSWORD,
          address: fault === "address" ? "nowhere" : "here",
          table: fault === "stream" ? "nothing" : "notes",
        },
        pageRows,
      ),
    async insert(texts) {
      system.tick();
      const rows = texts.map((text) => system.newRow(text));
      for (const row of rows) system.write(row);
      return rows.map(toKey);
    },
    async update(key, text) {
      system.tick();
      system.write({ ...find(key), note: text, changedAt: system.now() });
    },
    async remove(key) {
      system.rows.delete(find(key).id);
    },
    async clearCursor(key) {
      system.write({ ...find(key), changedAt: null });
    },
    async beginLate(text) {
      const change = system.begin(text);
      return { commit: async () => toKey(change.commit()) };
    },
    async insertEveryType() {
      system.tick();
      const row = system.newRow("every type", EVERY_TYPE);
      system.write(row);
      return { key: toKey(row), fields: { ...toFields(row), changed_at: toIso(system.now()) } };
    },
    stall: async () => system.stall(),
    cut: async () => system.cut(),
    sessions: async () => system.sessions.size,
    dispose: async () => undefined,
  };
}
