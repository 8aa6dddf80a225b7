import { type Cursor, type Page, type Runtime, type Source, TransientError } from "@acme/sync-core";

export interface SourceWatchOptions {
  readonly runtime: Runtime;
  /** A call without an answer for so long is given up. */
  readonly stallMs: number;
  /** Told each time that the source stands still, in words. */
  readonly onStall: (text: string) => void;
}

export interface WatchedSource {
  readonly source: Source;
  /** Since when the source has been asked for something without an answer; null: it was not asked. */
  readonly silentSince: () => number | null;
}

/** More than any connector repeats of itself: an empty page of HubSpot's may end where it began, twenty times. */
const MAX_SAME_CURSORS = 50;
/** Silences in a row, without a page between them. */
const MAX_SILENCES = 2;
const CLOSE_MS = 5000;
/** How long a call may take to heed an abort. A run that is to end must not wait for one that does not until it counts as silent. */
const HEED_MS = 5000;

/**
 * A source that cannot stand still without a word. A call that is not answered for `stallMs` fails as a passing fault, so that it is
 * asked once more from the last cursor; after a second silence, or 50 pages in a row that end at the same cursor, every call fails
 * at once, and the run gives up within a minute. So nothing hangs longer than twice `stallMs` and that minute. A call that is aborted ends
 * within five seconds, whether the source heeds that or not.
 */
export function watchSource(source: Source, options: SourceWatchOptions): WatchedSource {
  const { runtime, stallMs, onStall } = options;
  let silences = 0;
  let sameCursors = 0;
  let lastCursor: string | null = null;
  let givenUp: string | null = null;
  const pending = new Set<{ readonly since: number }>();

  function giveUp(text: string): TransientError {
    givenUp = text;
    onStall(text);
    return new TransientError(text, { hint: "Nothing is lost: the next run goes on from the last checkpoint." });
  }

  async function answered<T>(ask: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (givenUp !== null) throw new TransientError(givenUp);
    const over = new AbortController();
    const call = { since: runtime.now() };
    pending.add(call);
    const silence = runtime.sleep(stallMs, over.signal).then(
      () => fall(),
      () => new Promise<never>(() => undefined),
    );
    function fall(): never {
      silences += 1;
      const text = `the source has said nothing for ${inWords(stallMs)}`;
      const error = silences >= MAX_SILENCES ? giveUp(`${text}, ${silences} times in a row`) : new TransientError(text);
      if (silences < MAX_SILENCES) onStall(`${text}; it is asked again`);
      over.abort(error);
      throw error;
    }
    const unheeded = new Promise<never>((_, reject) => {
      const wait = (): void =>
        void runtime.sleep(HEED_MS, over.signal).then(
          () => reject(signal.reason),
          () => undefined,
        );
      if (signal.aborted) wait();
      else signal.addEventListener("abort", wait, { once: true, signal: over.signal });
    });
    const asked = ask(AbortSignal.any([signal, over.signal]));
    // Whoever loses the race must not count as an unhandled rejection.
    asked.catch(() => undefined);
    try {
      return await Promise.race([asked, silence, unheeded]);
    } finally {
      pending.delete(call);
      if (!over.signal.aborted) over.abort(new Error("answered"));
    }
  }

  function noteCursor(cursor: Cursor): void {
    silences = 0;
    const text = JSON.stringify(cursor);
    sameCursors = text === lastCursor ? sameCursors + 1 : 0;
    lastCursor = text;
    if (sameCursors >= MAX_SAME_CURSORS)
      throw giveUp(`the source gave the same cursor ${sameCursors} times in a row: reading does not get on`);
  }

  async function* read(...[stream, after, signal]: Parameters<Source["read"]>): AsyncGenerator<Page> {
    // An abort of one call must not outlive it, so what ends the reading is ours.
    const leave = new AbortController();
    const pages = source.read(stream, after, AbortSignal.any([signal, leave.signal]))[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await answered(() => pages.next(), signal);
        if (next.done === true) return;
        noteCursor(next.value.cursor);
        yield next.value;
      }
    } finally {
      leave.abort(new Error("no more pages are wanted"));
      // One that hangs in its last call would hang here, too.
      void Promise.resolve(pages.return?.()).catch(() => undefined);
    }
  }

  return {
    source: {
      check: (signal) => answered((own) => source.check(own), signal),
      streams: (signal) => answered((own) => source.streams(own), signal),
      read,
      lookup: (stream, keys, signal) => answered((own) => source.lookup(stream, keys, own), signal),
      async close() {
        const over = new AbortController();
        const patience = runtime.sleep(CLOSE_MS, over.signal).catch(() => undefined);
        await Promise.race([source.close(), patience]).finally(() => over.abort(new Error("closed")));
      },
    },
    silentSince() {
      const [first] = pending;
      return first?.since ?? null;
    },
  };
}

function inWords(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} seconds` : `${Math.round(ms / 60_000)} minutes`;
}
