import type { Page, ProvedInterval, Row } from "../../contracts/source.ts";
import { hold, pause, some } from "../broken-law.ts";
import { ability, newProgress } from "../lab.ts";
import type { Law } from "../law.ts";
import { compareCursorValues, contains, toCursorText } from "../order.ts";
import { writeSomething } from "./cursors.ts";

const WRITES = 60;

const findsLateCommits: Law = {
  name: "does not lose a change that was committed after a read had passed its cursor value",
  needs: ["beginLate"],
  async check(lab) {
    await lab.fill(2);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    const late = await lab.beginLate();
    const [after] = await lab.insert(1);
    await lab.pass(source, stream, progress);
    await lab.insert(2);
    await lab.pass(source, stream, progress);
    const another = await lab.beginLate();
    const lateKey = await late.commit();
    await lab.insert(1);
    await lab.pass(source, stream, progress);
    await another.commit();
    await lab.untilQuiet(source, stream, progress);
    lab.expectAll(progress, "when a change was committed late");
    const value = (key: string | undefined): string | null =>
      toCursorText(key === undefined ? null : progress.seen.get(key)?.fields[stream.cursorField ?? ""]);
    const [lateValue, afterValue] = [value(lateKey), value(after)];
    hold(
      lateValue === null || afterValue === null || compareCursorValues(lateValue, afterValue) <= 0,
      "harness: beginLate() must take the cursor value when it begins, and a row written after it has a smaller one",
    );
  },
};

const keepsUpWithWriters: Law = {
  name: "loses nothing to those who write while it reads",
  needs: [],
  async check(lab) {
    await lab.fill(6);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    let writing = true;
    const write = async (): Promise<void> => {
      try {
        for (let writes = 0; writes < WRITES; writes += 1) {
          const canBeLate = lab.harness.beginLate !== undefined;
          const late = canBeLate && lab.random(5) === 0 ? await lab.beginLate() : null;
          await writeSomething(lab);
          if (late !== null) await pause(10 + lab.random(50));
          else if (lab.random(4) === 0) await pause(lab.random(4));
          await late?.commit();
        }
      } finally {
        writing = false;
      }
    };
    const written = write();
    try {
      while (writing) await lab.pass(source, stream, progress, () => pause(lab.random(3)));
    } finally {
      await written;
    }
    await lab.untilQuiet(source, stream, progress);
    lab.expectAll(progress, "while others wrote");
  },
};

const readsRowsWithoutCursor: Law = {
  name: "reads rows whose cursor field is null",
  needs: ["clearCursor"],
  async check(lab) {
    await lab.fill(6);
    const clear = ability(lab.harness.clearCursor, "clearCursor");
    for (const [index, key] of [...lab.truth.keys()].entries()) if (index % 2 === 0) await clear.call(lab.harness, key);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const stops: { readonly seen: Map<string, Row>; readonly cursor: Page["cursor"] }[] = [];
    const progress = newProgress();
    await lab.pass(source, stream, progress, (page) => {
      stops.push({ seen: new Map(progress.seen), cursor: page.cursor });
    });
    lab.expectAll(progress, "where the cursor field is null in some rows");
    for (const [index, stop] of stops.entries()) {
      const again = { seen: stop.seen, cursor: stop.cursor };
      await lab.untilQuiet(source, stream, again);
      lab.expectAll(again, `from the cursor of page ${index + 1}, where the cursor field is null in some rows`);
    }
  },
};

const survivesDeletions: Law = {
  name: "is not put off by rows that are deleted while it reads",
  needs: ["remove"],
  async check(lab) {
    await lab.fill(8);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    let round = 0;
    await lab.pass(source, stream, progress, async (page) => {
      // The row that the cursor points at, then one before it, then one that is still ahead.
      const ahead = [...lab.truth.keys()].find((key) => !progress.seen.has(key));
      const key = [page.rows.at(-1)?.key, page.rows[0]?.key, ahead][round % 3];
      round += 1;
      if (key !== undefined && lab.truth.has(key)) await lab.remove(key);
    });
    lab.expectAll(progress, "while rows were deleted");
    await lab.insert(1);
    await lab.untilQuiet(source, stream, progress);
    lab.expectAll(progress, "after rows had been deleted");
  },
};

const provesWhatItRead: Law = {
  name: "claims to have read an interval only when nothing in it is left, and each claim goes on where the last one ended",
  needs: [],
  async check(lab) {
    await lab.fill(5);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    const proved: ProvedInterval[] = [];
    const given = new Set<string>();
    const late = lab.harness.beginLate === undefined ? null : await lab.beginLate();
    for (let round = 0; round < 5; round += 1) {
      if (round === 3) await late?.commit();
      const before = [...lab.truth.keys()];
      const enumerated = new Set<string>();
      await lab.pass(source, stream, progress, (page) => {
        for (const row of page.rows) {
          enumerated.add(row.key);
          expectNotProved(row, stream.cursorField, proved, given, lab.harness.textField);
        }
        if (page.proved === null) return;
        proved.push(page.proved);
        const missing = page.proved.field === null ? before.filter((key) => !enumerated.has(key)) : [];
        hold(
          missing.length === 0,
          `the whole stream is claimed as read, and ${missing.length} rows of it were not given: ${some(missing)}`,
        );
      });
      await writeSomething(lab);
      await lab.insert(2);
    }
    let before: ProvedInterval | null = null;
    for (const interval of proved) {
      expectSound(interval, before, stream.cursorField);
      // A whole reading proves everything before it: the intervals behind it begin anew.
      before = interval.field === null ? null : interval;
    }
    await lab.untilQuiet(source, stream, progress);
    lab.expectAll(progress, "while intervals were claimed");
  },
};

/** A version of a row that comes for the first time must lie behind everything claimed so far. */
function expectNotProved(
  row: Row,
  cursorField: string | null,
  proved: readonly ProvedInterval[],
  given: Set<string>,
  textField: string,
): void {
  const version = JSON.stringify([row.key, row.fields[textField] ?? null]);
  const value = toCursorText(cursorField === null ? null : row.fields[cursorField]);
  if (!given.has(version) && value !== null) {
    const claim = proved.find((interval) => interval.field === cursorField && contains(interval, value));
    hold(
      claim === undefined,
      `a row came for the first time with ${cursorField} ${value}, which was claimed as read: through ${claim?.through ?? ""}`,
    );
  }
  given.add(version);
}

function expectSound(interval: ProvedInterval, before: ProvedInterval | null, cursorField: string | null): void {
  const { field, after, through } = interval;
  hold(
    field === null || field === cursorField,
    `an interval of ${String(field)} is claimed, and the cursor field is ${String(cursorField)}`,
  );
  if (field === null) {
    hold(after === null && through === null, "a reading of the whole stream has no interval to claim");
    return;
  }
  hold(through !== null, "an interval is claimed without an end");
  hold(
    after === null || compareCursorValues(after, through) <= 0,
    `an interval is claimed from ${after} back to ${through}`,
  );
  if (before === null) {
    hold(after === null, "the first interval must begin at the beginning: after null");
    return;
  }
  hold(
    compareCursorValues(before.through ?? "", through) <= 0,
    `the claim went back, from ${before.through} to ${through}`,
  );
  hold(
    after === null || compareCursorValues(after, before.through ?? "") <= 0,
    `between ${before.through} and ${after} lies time that no interval claims`,
  );
}

export const changeLaws: readonly Law[] = [
  findsLateCommits,
  keepsUpWithWriters,
  readsRowsWithoutCursor,
  survivesDeletions,
  provesWhatItRead,
];
