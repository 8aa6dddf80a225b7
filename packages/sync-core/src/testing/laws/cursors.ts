import { isDeepStrictEqual } from "node:util";
import type { Cursor, Page } from "../../contracts/source.ts";
import { hold, pause } from "../broken-law.ts";
import { asStored, copyOf, type Lab, newProgress, type Progress } from "../lab.ts";
import type { Law } from "../law.ts";
import { toCursorText } from "../order.ts";
import { expectPlainJson } from "./plain-json.ts";

const SEEDED_READS = 4;

const resumesFromEveryCursor: Law = {
  name: "misses nothing when it goes on from any page's cursor",
  needs: [],
  async check(lab) {
    await lab.fill(8);
    const stops = await readNotingStops(lab, lab.smallPage, async () => undefined);
    expectAllAtEnd(lab, stops);
    hold(
      stops.length >= 3,
      `${lab.truth.size} rows came in ${stops.length} pages: open() must honour pageRows, or smallPage must say how small pages get`,
    );
    await expectAllFrom(lab, stops);
  },
};

const resumesWhileOthersWrite: Law = {
  name: "misses nothing when it goes on from any page's cursor, whatever the page size and whoever writes between pages",
  needs: [],
  async check(lab) {
    await lab.fill(6);
    const stops: Progress[] = [];
    for (let read = 0; read < SEEDED_READS; read += 1) {
      const pageRows = lab.smallPage * (1 + lab.random(3));
      stops.push(...(await readNotingStops(lab, pageRows, () => writeSomething(lab))));
    }
    await expectAllFrom(lab, stops);
  },
};

const survivesTies: Law = {
  name: "loses none of thousands of rows that share a cursor value, wherever a page ends among them",
  needs: ["ties"],
  async check(lab) {
    await lab.insert(2);
    const tied = await lab.insert(lab.tiedRows);
    await lab.insert(2);
    const pageRows = Math.max(lab.smallPage, Math.ceil(lab.tiedRows / 7.5));
    const stops = await readNotingStops(lab, pageRows, async () => undefined);
    expectAllAtEnd(lab, stops);
    await expectTied(lab, tied, stops.at(-1));
    hold(
      stops.length >= 3,
      `${lab.truth.size} rows came in ${stops.length} pages: raise tiedRows, so that ties span several pages`,
    );
    await expectAllFrom(lab, stops, pageRows);
  },
};

const cursorsAreJson: Law = {
  name: "gives cursors that are plain JSON and stay as they were given",
  needs: [],
  async check(lab) {
    await lab.fill(5);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const given: { readonly cursor: Cursor; readonly text: string }[] = [];
    await lab.pass(source, stream, newProgress(), ({ cursor }) => {
      expectPlainJson(cursor, "a cursor");
      hold(isDeepStrictEqual(asStored(cursor), cursor), "a cursor is another one after a trip through JSON");
      given.push({ cursor, text: JSON.stringify(cursor) });
    });
    hold(given.length > 0, "a read of a table with rows gave no cursor");
    for (const { cursor, text } of given)
      hold(JSON.stringify(cursor) === text, "a cursor was changed after it had been given");
  },
};

const survivesAPause: Law = {
  name: "goes on from a stored cursor with a new source, however much happened meanwhile",
  needs: [],
  async check(lab) {
    await lab.fill(6);
    const first = await lab.open();
    const progress = newProgress();
    for await (const page of first.read(await lab.stream(first), null, new AbortController().signal)) {
      for (const row of page.rows) progress.seen.set(row.key, row);
      progress.cursor = asStored(page.cursor);
      if (progress.seen.size >= 2 * lab.smallPage) break;
    }
    await first.close();
    for (let writes = 0; writes < 12; writes += 1) await writeSomething(lab);
    const second = await lab.open();
    await lab.untilQuiet(second, await lab.stream(second), progress);
    lab.expectAll(progress, "over a pause with a new source after it");
  },
};

const advances: Law = {
  name: "moves its cursor with every page that has rows, and comes to an end",
  needs: [],
  async check(lab) {
    await lab.fill(8);
    const source = await lab.open();
    const cursors: string[] = [];
    const pages: Page[] = [];
    await lab.pass(source, await lab.stream(source), newProgress(), (page) => {
      const text = JSON.stringify(page.cursor);
      hold(page.rows.length === 0 || !cursors.includes(text), "a page with rows has a cursor that an earlier page had");
      cursors.push(text);
      pages.push(page);
    });
    const empty = pages.filter((page) => page.rows.length === 0).length;
    hold(empty <= 3, `${empty} pages of one read have no rows`);
  },
};

const readsChangesOnly: Law = {
  name: "reads only what changed when it goes on after its end; without a cursor field, everything again",
  needs: ["exactResume"],
  async check(lab) {
    await lab.fill(6);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    await lab.untilQuiet(source, stream, progress);
    const [first] = lab.truth.keys();
    if (first !== undefined) await lab.update(first);
    const [added] = await lab.insert(1);
    const pages = await lab.pass(source, stream, progress);
    lab.expectAll(progress, "in the read after the first");
    const keys = pages.flatMap((page) => page.rows.map((row) => row.key)).toSorted();
    const changed = [first, added].filter((key) => key !== undefined).toSorted();
    if (stream.cursorField === null) {
      hold(new Set(keys).size === lab.truth.size, "a stream without a cursor field must be read in full every time");
    } else {
      hold(
        isDeepStrictEqual(keys, changed),
        `2 rows changed, and ${keys.length} were read: a stream with a cursor field reads what changed`,
      );
    }
  },
};

const refusesForeignCursors: Law = {
  name: "refuses a cursor that it did not make with a ConfigError that says what to do, or reads from the beginning",
  needs: [],
  async check(lab) {
    await lab.fill(2);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const foreign: readonly Cursor[] = [
      {},
      { page: 7 },
      "9999",
      9_999_999,
      ["9999-01-01"],
      { offset: 5, at: "2999-01-01" },
    ];
    for (const cursor of foreign) {
      const progress: Progress = { seen: new Map(), cursor };
      try {
        await lab.pass(source, stream, progress);
      } catch (error) {
        const { kind, hint } = kindAndHint(error);
        hold(
          kind === "config" && hint !== null,
          `the cursor ${JSON.stringify(cursor)} ended the read with ${String(error)}`,
        );
        continue;
      }
      lab.expectAll(progress, `after the cursor ${JSON.stringify(cursor)}, which this source never made`);
    }
  },
};

const readsTwiceAtOnce: Law = {
  name: "serves two reads at once, each with a place of its own",
  needs: [],
  async check(lab) {
    await lab.fill(6);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const both = [newProgress(), newProgress()];
    // Out of step, so that neither can live on what the other one has just done.
    const [slow, quick] = [() => pause(3), () => undefined];
    await Promise.all(both.map((progress, index) => lab.pass(source, stream, progress, index === 0 ? slow : quick)));
    for (const progress of both) lab.expectAll(progress, "where two reads ran at once");
  },
};

/** One read from the beginning; where it stood after each page. */
async function readNotingStops(lab: Lab, pageRows: number, between: () => Promise<void>): Promise<Progress[]> {
  const source = await lab.open({ pageRows });
  const stops: Progress[] = [];
  const progress = newProgress();
  await lab.pass(source, await lab.stream(source), progress, async () => {
    stops.push(copyOf(progress));
    await between();
  });
  await source.close();
  return stops;
}

function expectAllAtEnd(lab: Lab, stops: readonly Progress[]): void {
  const end = stops.at(-1);
  hold(end !== undefined, "a table with rows gave no page");
  lab.expectAll(end, "in a read without interruption");
}

async function expectTied(lab: Lab, keys: readonly string[], end: Progress | undefined): Promise<void> {
  const { cursorField } = await lab.stream(await lab.open());
  if (cursorField === null) return;
  const values = new Set(keys.map((key) => toCursorText(end?.seen.get(key)?.fields[cursorField])));
  hold(
    values.size === 1,
    `harness: ${keys.length} rows of one insert() have ${values.size} cursor values; name "ties" in \`cannot\` if they cannot share one`,
  );
}

/** From every stop: what was delivered before it and what is delivered after it are everything. */
async function expectAllFrom(lab: Lab, stops: readonly Progress[], pageRows = lab.smallPage * 4): Promise<void> {
  const source = await lab.open({ pageRows });
  const stream = await lab.stream(source);
  for (const [index, stop] of stops.entries()) {
    const progress = copyOf(stop);
    await lab.untilQuiet(source, stream, progress);
    lab.expectAll(progress, `when reading went on from the cursor of page ${index + 1} of ${stops.length}`);
  }
}

/** One write, by chance: a few new rows, or another text for one row. */
export async function writeSomething(lab: Lab): Promise<void> {
  const keys = [...lab.truth.keys()];
  const key = keys[lab.random(keys.length)];
  if (key === undefined || lab.random(3) === 0) await lab.insert(1 + lab.random(lab.smallPage));
  else await lab.update(key);
}

function kindAndHint(error: unknown): { readonly kind: unknown; readonly hint: unknown } {
  return error instanceof Object && "kind" in error && "hint" in error
    ? { kind: error.kind, hint: error.hint }
    : { kind: null, hint: null };
}

export const cursorLaws: readonly Law[] = [
  resumesFromEveryCursor,
  resumesWhileOthersWrite,
  survivesTies,
  cursorsAreJson,
  survivesAPause,
  advances,
  readsChangesOnly,
  refusesForeignCursors,
  readsTwiceAtOnce,
];
