import type { Json } from "../contracts/json.ts";
import type { Cursor, Page, Row, Source, Stream } from "../contracts/source.ts";
import { hold, some } from "./broken-law.ts";
import type { Opening, SourceHarness, SuiteSettings } from "./source-harness.ts";
import { createRandom } from "./virtual-runtime.ts";

/** Part of every text that the suite writes: found in an error, it is the contents of a row. */
export const ROW_MARK = "row-contents";
/** A read of an idle table takes this long at most. */
export const PROMPT_MS = 2000;
/** So long after an abort, at most, everything is over. */
export const ABORT_MS = 1000;
/** A pass that yields more pages than this and one for every row goes round in circles. */
const SPARE_PAGES = 100;
const MAX_PASSES = 30;

const never = new AbortController().signal;

/** What has been delivered so far: the last version of every row, and where to go on. */
export interface Progress {
  readonly seen: Map<string, Row>;
  cursor: Cursor | null;
}

/** What a law works with: the author's harness, what the table holds, and ways to read it. */
export interface Lab {
  readonly harness: SourceHarness;
  readonly smallPage: number;
  readonly tiedRows: number;
  readonly cannot: NonNullable<SuiteSettings["cannot"]>;
  /** Key → text of every row that exists. Late changes enter it when they are committed. */
  readonly truth: ReadonlyMap<string, string | null>;
  /** A whole number in [0, below). */
  readonly random: (below: number) => number;
  /** New texts, each different from all others of this lab. */
  texts(count: number): readonly string[];
  insert(count: number): Promise<readonly string[]>;
  insertTexts(texts: readonly (string | null)[]): Promise<readonly string[]>;
  update(key: string): Promise<void>;
  remove(key: string): Promise<void>;
  beginLate(): Promise<{ commit(): Promise<string> }>;
  /** Some rows in several calls, so that there are several cursor values, and enough for `pages` small pages. */
  fill(pages: number): Promise<void>;
  open(opening?: Partial<Opening>): Promise<Source>;
  /** The stream, with every field that can be read. */
  stream(source: Source): Promise<Stream>;
  /** One pass from where `progress` stands. `onPage` runs before the next page is asked for. */
  pass(
    source: Source,
    stream: Stream,
    progress: Progress,
    onPage?: (page: Page) => Promise<void> | void,
  ): Promise<readonly Page[]>;
  /** Passes until one brings nothing new. */
  untilQuiet(source: Source, stream: Stream, progress: Progress): Promise<void>;
  /** Fails unless every row of the table was delivered in its last version. */
  expectAll(progress: Progress, when: string): void;
  settle(): Promise<void>;
  close(): Promise<void>;
}

export function createLab(harness: SourceHarness, settings: SuiteSettings = {}): Lab {
  const { smallPage = 3, tiedRows = 2000, seed = 1, cannot = {} } = settings;
  const chance = createRandom(seed);
  const random = (below: number): number => Math.floor(chance() * below);
  const truth = new Map<string, string | null>();
  const opened: Source[] = [];
  let textCount = 0;

  const lab: Lab = {
    harness,
    smallPage,
    tiedRows,
    cannot,
    truth,
    random,
    texts: (count) => Array.from({ length: count }, () => `${ROW_MARK} ${++textCount} of seed ${seed}`),
    insert: (count) => lab.insertTexts(lab.texts(count)),
    async insertTexts(texts) {
      const keys = await harness.insert(texts);
      hold(keys.length === texts.length, "harness: insert() must return one key for every text");
      for (const [index, key] of keys.entries()) truth.set(key, texts[index] ?? null);
      return keys;
    },
    async update(key) {
      const [text = ""] = lab.texts(1);
      await harness.update(key, text);
      truth.set(key, text);
    },
    async remove(key) {
      await ability(harness.remove, "remove").call(harness, key);
      truth.delete(key);
    },
    async beginLate() {
      const [text = ""] = lab.texts(1);
      const change = await ability(harness.beginLate, "beginLate").call(harness, text);
      return {
        async commit() {
          const key = await change.commit();
          truth.set(key, text);
          return key;
        },
      };
    },
    async fill(pages) {
      const wanted = smallPage * pages;
      for (let rows = 0; rows < wanted; ) {
        const count = Math.min(wanted - rows, 1 + random(2 * smallPage));
        await lab.insert(count);
        rows += count;
      }
    },
    async open(opening = {}) {
      const source = await harness.open({ pageRows: smallPage, fault: null, ...opening });
      opened.push(source);
      return source;
    },
    async stream(source) {
      const [stream, ...others] = await source.streams(never);
      hold(
        stream !== undefined && others.length === 0,
        "streams() must give exactly one stream where one is configured",
      );
      return { ...stream, fields: stream.fields.filter((field) => field.unreadable === null) };
    },
    async pass(source, stream, progress, onPage = () => undefined) {
      await lab.settle();
      const pages: Page[] = [];
      const after = progress.cursor === null ? null : asStored(progress.cursor);
      for await (const page of source.read(stream, after, never)) {
        pages.push(page);
        for (const row of page.rows) take(progress.seen, row);
        progress.cursor = asStored(page.cursor);
        await onPage(page);
        hold(
          pages.length <= SPARE_PAGES + truth.size + textCount,
          `a pass over ${truth.size} rows does not end: ${pages.length} pages and no end`,
        );
      }
      return pages;
    },
    async untilQuiet(source, stream, progress) {
      for (let passes = 0; ; passes += 1) {
        hold(passes < MAX_PASSES, `${MAX_PASSES} passes over a table at rest, and each brought something new`);
        const before = textsOf(progress.seen, harness.textField);
        await lab.pass(source, stream, progress);
        const after = textsOf(progress.seen, harness.textField);
        if (after.size === before.size && [...after].every(([key, text]) => before.get(key) === text)) return;
      }
    },
    expectAll(progress, when) {
      const texts = textsOf(progress.seen, harness.textField);
      const missing = [...truth.keys()].filter((key) => !texts.has(key));
      hold(missing.length === 0, `${missing.length} of ${truth.size} rows were lost ${when}: ${some(missing)}`);
      const stale = [...truth].filter(([key, text]) => texts.get(key) !== text).map(([key]) => key);
      hold(
        stale.length === 0,
        `${stale.length} rows were last given with an older or other text ${when}: ${some(stale)}`,
      );
    },
    settle: async () => {
      await harness.settle?.();
    },
    async close() {
      await Promise.allSettled(opened.map((source) => source.close()));
    },
  };
  return lab;
}

/** A harness's optional method. @throws BrokenLaw when it is missing though nothing says that the system cannot do it. */
export function ability<T>(method: T | undefined, name: string): T {
  hold(
    method !== undefined,
    `harness: ${name}() is missing; give it, or name it in \`cannot\` with the reason why the system cannot do it`,
  );
  return method;
}

/** What a store keeps of a cursor. */
export function asStored(cursor: Cursor): Cursor {
  const text: string | undefined = JSON.stringify(cursor);
  hold(text !== undefined, "a page has no cursor");
  return JSON.parse(text);
}

export function newProgress(): Progress {
  return { seen: new Map(), cursor: null };
}

export function copyOf(progress: Progress): Progress {
  return { seen: new Map(progress.seen), cursor: progress.cursor };
}

function take(seen: Map<string, Row>, row: Row): void {
  if (row.deleted === true) seen.delete(row.key);
  else seen.set(row.key, row);
}

function textsOf(seen: ReadonlyMap<string, Row>, textField: string): Map<string, Json | undefined> {
  return new Map([...seen].map(([key, row]) => [key, row.fields[textField]]));
}
