import { readFile } from "node:fs/promises";
import { ConfigError, type Cursor, type Field, type Source, type Stream } from "@acme/sync-core";

const text = { type: "text", sourceType: "string", nullable: true, unreadable: null } as const;
const fields: Field[] = [
  { name: "id", ...text, nullable: false },
  { name: "name", ...text },
];
const people: Stream = {
  name: "people",
  fields,
  key: ["id"],
  cursorField: null,
  cursorCandidates: [],
  estimatedRows: null,
};

/** Reads the people in a JSON file, an array of objects with id and name, in full on every run. */
export function createPeopleSource(path: string, pageRows = 500): Source {
  let closed = false;

  async function load(stream: Stream, signal: AbortSignal) {
    const unknown = stream.fields.find(({ name }) => name !== "id" && name !== "name");
    if (closed) throw new ConfigError("the source is closed", { hint: "Make a new one." });
    if (unknown) throw new ConfigError(`there is no field "${unknown.name}"`, { hint: "Correct the mapping." });
    const content = await readFile(path, { encoding: "utf8", signal }).catch(() => {
      signal.throwIfAborted();
      throw new ConfigError(`${path} cannot be read`, { hint: "Correct the path." });
    });
    const found: { id: string; name: string | null }[] = JSON.parse(content);
    const toRow = (person: { id: string; name: string | null }) => ({
      key: person.id,
      fields: Object.fromEntries(
        Object.entries(person).filter(([name]) => stream.fields.some((each) => each.name === name)),
      ),
    });
    return found.map(toRow).toSorted((left, right) => (left.key < right.key ? -1 : 1));
  }

  return {
    check: (signal) => load(people, signal).then(() => [{ level: "ok", message: `${path} can be read`, hint: null }]),
    streams: (signal) => load(people, signal).then(() => [people]),
    async *read(stream, after, signal) {
      for (let behind = parse(after); ; ) {
        const rest = (await load(stream, signal)).filter(({ key }) => key > behind);
        const rows = rest.slice(0, pageRows);
        const isLast = rows.length === rest.length;
        behind = isLast ? "" : (rows.at(-1)?.key ?? "");
        const proved = isLast ? { field: null, after: null, through: null } : null;
        yield { rows, cursor: { behind }, bytes: JSON.stringify(rows).length, proved };
        if (isLast) return;
      }
    },
    lookup: async (stream, keys, signal) => (await load(stream, signal)).filter(({ key }) => keys.includes(key)),
    close: async () => void (closed = true),
  };
}

/** The last key read; "" before the first, and after the last: a full comparison starts over. Never an offset: rows come and go. */
function parse(cursor: Cursor | null): string {
  if (cursor === null) return "";
  const behind = cursor instanceof Object && "behind" in cursor ? cursor["behind"] : null;
  if (typeof behind === "string") return behind;
  throw new ConfigError("this source did not make the stored position", { hint: "Run `state reset`." });
}
