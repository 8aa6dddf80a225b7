import type { Page, Source, Stream } from "../../contracts/source.ts";
import { SyncError } from "../../contracts/errors.ts";
import { BrokenLaw, hold, pause, within } from "../broken-law.ts";
import { ABORT_MS, ability, type Lab, newProgress, PROMPT_MS } from "../lab.ts";
import type { Law } from "../law.ts";

const never = new AbortController().signal;

const endsPromptly: Law = {
  name: "ends at once when there is nothing more to read: waiting is for the engine",
  needs: [],
  async check(lab) {
    await lab.fill(2);
    const source = await lab.open({ pageRows: 100 });
    const stream = await lab.stream(source);
    const progress = newProgress();
    await lab.untilQuiet(source, stream, progress);
    await lab.settle();
    await within(PROMPT_MS, lab.pass(source, stream, progress), "a read with nothing to read went on");
  },
};

const abortedBefore: Law = {
  name: "reads nothing when it is aborted before it begins",
  needs: [],
  async check(lab) {
    await lab.fill(2);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const aborted = AbortSignal.abort(new Error("stop"));
    for (const [what, work] of [
      ["read()", (): Promise<unknown> => source.read(stream, null, aborted)[Symbol.asyncIterator]().next()],
      ["check()", (): Promise<unknown> => source.check(aborted)],
      ["streams()", (): Promise<unknown> => source.streams(aborted)],
      ["lookup()", (): Promise<unknown> => source.lookup(stream, [...lab.truth.keys()], aborted)],
    ] as const) {
      const ended = await within(ABORT_MS, endOf(work), `${what} went on though it was aborted before`);
      hold(ended.failed, `${what} answered though it was aborted before`);
    }
    await expectStillGood(lab, source, stream);
  },
};

const abortedAmidst: Law = {
  name: "stops within a second when it is aborted, and does not pass that off as the end",
  needs: [],
  async check(lab) {
    await lab.fill(10);
    const source = await lab.open();
    const stream = await lab.stream(source);
    for (let pagesBefore = 0; pagesBefore < 4; pagesBefore += 1) {
      const controller = new AbortController();
      const pages = source.read(stream, null, controller.signal)[Symbol.asyncIterator]();
      let rows = 0;
      for (let page = 0; page < pagesBefore; page += 1) rows += rowsOf(await pages.next());
      const next = pages.next();
      if (pagesBefore % 2 === 1) await pause(1);
      controller.abort(new Error("stop"));
      const ended = await within(ABORT_MS, drain(next, pages), "a read that was aborted went on");
      hold(ended.pages <= 1, `${ended.pages} pages came after an abort: at most the one under way may still come`);
      hold(
        ended.failed || rows + ended.rows >= lab.truth.size,
        `a read that was aborted ended as if it were complete, after ${rows + ended.rows} of ${lab.truth.size} rows`,
      );
    }
    await expectStillGood(lab, source, stream);
  },
};

const abortedWhileStalled: Law = {
  name: "stops within a second when it is aborted while the system does not answer",
  needs: ["stall"],
  async check(lab) {
    await lab.fill(4);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const goOn = await ability(lab.harness.stall, "stall").call(lab.harness);
    try {
      const controller = new AbortController();
      const next = source.read(stream, null, controller.signal)[Symbol.asyncIterator]().next();
      next.catch(() => undefined);
      const early = await Promise.race([
        next.then(
          () => true,
          () => true,
        ),
        pause(150).then(() => false),
      ]);
      hold(!early, "harness: stall() must keep a read from going on");
      controller.abort(new Error("stop"));
      const ended = await within(
        ABORT_MS,
        endOf(() => next),
        "a read of a system that does not answer went on after its abort",
      );
      hold(ended.failed, "a read of a system that does not answer ended well");
    } finally {
      await goOn();
    }
    await expectStillGood(lab, source, stream);
  },
};

const leavesNothingOpen: Law = {
  name: "leaves nothing open after it was aborted, left early and closed",
  needs: ["sessions"],
  async check(lab) {
    await lab.fill(6);
    const source = await lab.open();
    const stream = await lab.stream(source);
    for (let round = 0; round < 4; round += 1) {
      const controller = new AbortController();
      const pages = source.read(stream, null, controller.signal)[Symbol.asyncIterator]();
      await pages.next();
      if (round % 2 === 0) {
        const next = pages.next();
        controller.abort(new Error("stop"));
        await within(ABORT_MS, drain(next, pages), "a read that was aborted went on");
      } else {
        await pages.return?.();
      }
    }
    await source.close();
    const sessions = ability(lab.harness.sessions, "sessions");
    const until = Date.now() + ABORT_MS;
    for (;;) {
      const open = await sessions.call(lab.harness);
      if (open === 0) return;
      hold(Date.now() < until, `${open} connections or requests are still there a second after close()`);
      await pause(20);
    }
  },
};

const closesForGood: Law = {
  name: "can be closed twice, and says so in words when it is used afterwards",
  needs: [],
  async check(lab) {
    await lab.fill(2);
    const source = await lab.open();
    const stream = await lab.stream(source);
    for (const which of ["first", "second"]) {
      const closed = await within(
        ABORT_MS,
        endOf(() => source.close()),
        `the ${which} close() did not end`,
      );
      hold(!closed.failed, `the ${which} close() ended in an error`);
    }
    for (const [what, work] of [
      ["read()", (): Promise<unknown> => source.read(stream, null, never)[Symbol.asyncIterator]().next()],
      ["streams()", (): Promise<unknown> => source.streams(never)],
      ["check()", (): Promise<unknown> => source.check(never)],
      ["lookup()", (): Promise<unknown> => source.lookup(stream, [...lab.truth.keys()], never)],
    ] as const) {
      const { failed, error } = await within(ABORT_MS, endOf(work), `${what} after close() did not end`);
      hold(failed, `${what} after close() went through`);
      hold(SyncError.is(error), `${what} after close() ended in an error that is none of the five`);
    }
    const unused = await lab.open();
    await within(ABORT_MS, unused.close(), "close() of a source that was never used did not end");
  },
};

const closesWhileStalled: Law = {
  name: "ends a read that is under way when it is closed, though the system does not answer",
  needs: ["stall"],
  async check(lab) {
    await lab.fill(4);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const goOn = await ability(lab.harness.stall, "stall").call(lab.harness);
    try {
      const next = source.read(stream, null, never)[Symbol.asyncIterator]().next();
      next.catch(() => undefined);
      await pause(150);
      await within(ABORT_MS, source.close(), "close() waited for a system that does not answer");
      const { failed, error } = await within(
        ABORT_MS,
        endOf(() => next),
        "a read under way went on after close()",
      );
      hold(failed, "a read under way ended well when the source was closed, as if it were complete");
      hold(SyncError.is(error), "a read under way ended after close() with an error that is none of the five");
    } finally {
      await goOn();
    }
  },
};

const canBeLeftEarly: Law = {
  name: "can be left after any page and read again",
  needs: [],
  async check(lab) {
    await lab.fill(6);
    const source = await lab.open();
    const stream = await lab.stream(source);
    for (let pagesWanted = 1; pagesWanted <= 3; pagesWanted += 1) {
      const leave = async (): Promise<void> => {
        let rows = 0;
        let pages = 0;
        for await (const page of source.read(stream, null, never)) {
          rows += page.rows.length;
          pages += 1;
          if (pages === pagesWanted) break;
        }
        hold(rows > 0, "a read gave pages and no rows");
      };
      await within(PROMPT_MS, leave(), "a read that was left early did not end");
    }
    const unread = source.read(stream, null, never)[Symbol.asyncIterator]();
    await within(
      ABORT_MS,
      Promise.resolve(unread.return?.()),
      "a read that was left before its first page did not end",
    );
    await expectStillGood(lab, source, stream);
  },
};

/** After an abort or an early end, the same source reads everything. */
async function expectStillGood(lab: Lab, source: Source, stream: Stream): Promise<void> {
  const progress = newProgress();
  await lab.pass(source, stream, progress);
  lab.expectAll(progress, "in the read after one that had been ended early");
}

interface Ended {
  readonly failed: boolean;
  readonly error: unknown;
}

async function endOf(work: () => Promise<unknown>): Promise<Ended> {
  try {
    await work();
    return { failed: false, error: null };
  } catch (error) {
    if (error instanceof BrokenLaw) throw error;
    return { failed: true, error };
  }
}

/** What still comes out of a read after its abort, until it ends. */
async function drain(
  next: Promise<IteratorResult<Page>>,
  pages: AsyncIterator<Page>,
): Promise<Ended & { readonly rows: number; readonly pages: number }> {
  let rows = 0;
  let pageCount = 0;
  try {
    for (let result = await next; result.done !== true; result = await pages.next()) {
      rows += rowsOf(result);
      pageCount += 1;
    }
    return { failed: false, error: null, rows, pages: pageCount };
  } catch (error) {
    return { failed: true, error, rows, pages: pageCount };
  }
}

function rowsOf(result: IteratorResult<Page>): number {
  return result.done === true ? 0 : result.value.rows.length;
}

export const endingLaws: readonly Law[] = [
  endsPromptly,
  abortedBefore,
  abortedAmidst,
  abortedWhileStalled,
  leavesNothingOpen,
  closesForGood,
  closesWhileStalled,
  canBeLeftEarly,
];
