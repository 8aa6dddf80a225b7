import { isDeepStrictEqual } from "node:util";
import type { Row, Source, Stream } from "../../contracts/source.ts";
import { hold, some } from "../broken-law.ts";
import { type Lab, newProgress } from "../lab.ts";
import type { Law } from "../law.ts";

const never = new AbortController().signal;
/** The contract's limit for one call. */
const MAX_KEYS = 500;

const looksUpAsItReads: Law = {
  name: "looks rows up by key exactly as it reads them, as they are now",
  needs: [],
  async check(lab) {
    await lab.fill(4);
    await lab.insertTexts([null]);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    await lab.untilQuiet(source, stream, progress);
    expectSame(await lookUpAll(lab, source, stream), progress.seen);
    for (const key of [...lab.truth.keys()].slice(0, 3)) await lab.update(key);
    await lab.insert(2);
    const now = await lookUpAll(lab, source, stream);
    await lab.untilQuiet(source, stream, progress);
    expectSame(now, progress.seen);

    // With no field at all the engine asks whether rows are still there.
    for (const names of [[lab.harness.textField], []]) {
      const narrowed: Stream = { ...stream, fields: stream.fields.filter((field) => names.includes(field.name)) };
      const rows = await lookUpAll(lab, source, narrowed);
      hold(rows.size === lab.truth.size, `looking up with ${names.length} fields asked for missed rows`);
      for (const row of rows.values()) {
        const given = Object.keys(row.fields);
        hold(isDeepStrictEqual(given, names), `looking up gave ${some(given)}, and asked for was: ${some(names)}`);
      }
    }
    hold((await source.lookup(stream, [], never)).length === 0, "looking up no key gave rows");
  },
};

const looksUpManyAtOnce: Law = {
  name: `looks ${MAX_KEYS} rows up at once`,
  needs: [],
  async check(lab) {
    await lab.insert(MAX_KEYS);
    const source = await lab.open();
    const rows = await lookUpAll(lab, source, await lab.stream(source));
    hold(rows.size === MAX_KEYS, `${MAX_KEYS} rows exist, and looking them up found ${rows.size}`);
  },
};

const doesNotFindWhatIsGone: Law = {
  name: "does not find rows that are gone when it looks them up, and finds the others",
  needs: ["remove"],
  async check(lab) {
    await lab.fill(4);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    await lab.untilQuiet(source, stream, progress);
    const keys = [...lab.truth.keys()];
    for (const [index, key] of keys.entries()) if (index % 3 === 0) await lab.remove(key);
    await lab.settle();
    const found = new Set<string>();
    for (const row of await source.lookup(stream, keys, never)) if (row.deleted !== true) found.add(row.key);
    const ghosts = [...found].filter((key) => !lab.truth.has(key));
    hold(ghosts.length === 0, `looking up found rows that are gone: ${some(ghosts)}`);
    const missed = [...lab.truth.keys()].filter((key) => !found.has(key));
    hold(missed.length === 0, `looking up missed rows that exist, which would count as deleted: ${some(missed)}`);
  },
};

async function lookUpAll(lab: Lab, source: Source, stream: Stream): Promise<Map<string, Row>> {
  await lab.settle();
  const rows = new Map<string, Row>();
  const keys = [...lab.truth.keys()];
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    const wanted = keys.slice(start, start + MAX_KEYS);
    const found = await source.lookup(stream, wanted, never);
    for (const row of found) {
      hold(wanted.includes(row.key), `looking up gave a row that was not asked for: ${JSON.stringify(row.key)}`);
      rows.set(row.key, row);
    }
  }
  return rows;
}

function expectSame(found: ReadonlyMap<string, Row>, read: ReadonlyMap<string, Row>): void {
  const missed = [...read.keys()].filter((key) => !found.has(key));
  hold(missed.length === 0, `looking up missed ${missed.length} rows, which would count as deleted: ${some(missed)}`);
  for (const [key, row] of found) {
    const before = read.get(key);
    hold(
      before !== undefined && isDeepStrictEqual(row.fields, before.fields),
      `row ${JSON.stringify(key)} looks different when it is looked up and when it is read`,
    );
  }
}

export const lookupLaws: readonly Law[] = [looksUpAsItReads, looksUpManyAtOnce, doesNotFindWhatIsGone];
