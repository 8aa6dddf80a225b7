import { isDeepStrictEqual } from "node:util";
import type { FieldType, Page, Stream } from "../../contracts/source.ts";
import { hold, some } from "../broken-law.ts";
import { ability, newProgress } from "../lab.ts";
import type { Law } from "../law.ts";
import { expectDeclaredTypes, expectPlainJson } from "./plain-json.ts";

const TYPES: ReadonlySet<FieldType> = new Set<FieldType>([
  "text",
  "number",
  "decimal",
  "bigint",
  "boolean",
  "date",
  "datetime",
  "json",
  "array",
  "binary",
]);

const describesItsStream: Law = {
  name: "describes its stream: fields with types, a key, and a cursor field among them",
  needs: [],
  async check(lab) {
    await lab.fill(1);
    const signal = new AbortController().signal;
    const source = await lab.open();
    const [stream, ...others] = await source.streams(signal);
    hold(stream !== undefined && others.length === 0, "streams() must give exactly one stream where one is configured");
    const names = stream.fields.map((field) => field.name);
    hold(stream.name !== "", "the stream has no name");
    hold(new Set(names).size === names.length && names.length > 0, "the stream's fields need names, each its own");
    for (const field of stream.fields) {
      hold(TYPES.has(field.type), `field "${field.name}" has the unknown type "${field.type}"`);
      hold(field.sourceType !== "", `field "${field.name}" does not say what the source calls its type`);
      hold(
        (field.type !== "binary" || field.unreadable !== null) && field.unreadable !== "",
        `field "${field.name}" must say why it is unreadable`,
      );
    }
    const known = (name: string): boolean => names.includes(name);
    hold(stream.key.length > 0, "the stream has no key");
    hold(stream.key.every(known), `the key names fields that the stream does not have: ${some(stream.key)}`);
    hold(
      stream.cursorField === null || known(stream.cursorField),
      "the cursor field is not one of the stream's fields",
    );
    hold(stream.cursorCandidates.every(known), "a cursor candidate is not one of the stream's fields");
    hold(stream.estimatedRows === null || stream.estimatedRows >= 0, "the estimate of rows is negative");
    const text = stream.fields.find((field) => field.name === lab.harness.textField);
    hold(text?.type === "text" && text.nullable, "harness: textField must be a text field that may be null");
    const [again] = await source.streams(signal);
    hold(
      isDeepStrictEqual({ ...again, estimatedRows: null }, { ...stream, estimatedRows: null }),
      "streams() answers differently when asked twice",
    );
  },
};

const checksOut: Law = {
  name: "checks a sound configuration without a fault, in whole sentences",
  needs: [],
  async check(lab) {
    await lab.fill(1);
    const source = await lab.open();
    const findings = await source.check(new AbortController().signal);
    for (const { level, message, hint } of findings) {
      hold(level === "ok" || level === "warning", `a finding has the unknown level ${JSON.stringify(level)}`);
      hold(message !== "" && hint !== "", "a finding is empty");
    }
  },
};

const readsEveryRow: Law = {
  name: "reads every row exactly as it was written, and tells null from absent",
  needs: [],
  async check(lab) {
    await lab.fill(5);
    const odd = [
      ...(lab.cannot.emptyText === undefined ? [""] : []),
      " ",
      "null",
      'quote " and \\ and \n line',
      "\u00fc \u4e2d \ud83e\udd8a",
      "0",
      "'; --",
      "x".repeat(5000),
    ];
    await lab.insertTexts([...odd, null]);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    const pages = await lab.pass(source, stream, progress);
    lab.expectAll(progress, "in a plain read");
    for (const page of pages) expectSoundPage(page, stream);
    for (const row of progress.seen.values()) {
      const absent = stream.fields.filter((field) => row.fields[field.name] === undefined).map((field) => field.name);
      hold(absent.length === 0, `a row came without ${some(absent)}, which the stream lists and was asked for`);
    }
  },
};

const honoursTypes: Law = {
  name: "gives a value of every type as the stream declares it, in plain JSON",
  needs: ["insertEveryType"],
  async check(lab) {
    const expected = await ability(lab.harness.insertEveryType, "insertEveryType").call(lab.harness);
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    for (const page of await lab.pass(source, stream, progress)) expectSoundPage(page, stream);
    const row = progress.seen.get(expected.key);
    hold(row !== undefined, "the row with a value of every type was not read");
    for (const [name, value] of Object.entries(expected.fields)) {
      const found = row.fields[name];
      hold(
        isDeepStrictEqual(found, value),
        `field "${name}" should read ${JSON.stringify(value)} and reads ${JSON.stringify(found)}`,
      );
    }
  },
};

const keysAreOwn: Law = {
  name: "gives every row a key of its own, the same in every read",
  needs: [],
  async check(lab) {
    await lab.fill(6);
    const keysByText = async (): Promise<Map<unknown, string>> => {
      const source = await lab.open();
      const progress = newProgress();
      const byText = new Map<unknown, string>();
      const pages = await lab.pass(source, await lab.stream(source), progress);
      for (const row of pages.flatMap((page) => page.rows)) byText.set(row.fields[lab.harness.textField], row.key);
      return byText;
    };
    const first = await keysByText();
    hold(
      new Set(first.values()).size === lab.truth.size,
      `${lab.truth.size} rows came under ${new Set(first.values()).size} keys: two rows must not share one`,
    );
    for (const [key, text] of lab.truth) {
      hold(
        first.get(text) === key,
        `a row came under key ${JSON.stringify(first.get(text))} instead of ${JSON.stringify(key)}`,
      );
    }
    hold(isDeepStrictEqual(await keysByText(), first), "rows have other keys when they are read again");
  },
};

const readsOnlyWhatIsAskedFor: Law = {
  name: "reads only the fields asked for",
  needs: [],
  async check(lab) {
    await lab.fill(3);
    const source = await lab.open();
    const stream = await lab.stream(source);
    for (const names of [[lab.harness.textField], [...stream.key], []]) {
      const narrowed: Stream = { ...stream, fields: stream.fields.filter((field) => names.includes(field.name)) };
      const progress = newProgress();
      await lab.pass(source, narrowed, progress);
      hold(progress.seen.size === lab.truth.size, `with ${names.length} fields asked for, rows were lost`);
      for (const row of progress.seen.values()) {
        const extra = Object.keys(row.fields).filter((name) => !names.includes(name));
        hold(extra.length === 0, `rows carry ${some(extra)}, which nobody asked for`);
        const absent = names.filter((name) => row.fields[name] === undefined);
        hold(absent.length === 0, `rows lack ${some(absent)}, which was asked for`);
      }
    }
  },
};

const readsNothingFromNothing: Law = {
  name: "reads an empty table to its end, and what is written to it later",
  needs: [],
  async check(lab) {
    const source = await lab.open();
    const stream = await lab.stream(source);
    const progress = newProgress();
    const pages = await lab.pass(source, stream, progress);
    hold(
      pages.every((page) => page.rows.length === 0),
      "an empty table gave rows",
    );
    await lab.insert(1);
    await lab.pass(source, stream, progress);
    lab.expectAll(progress, "after a read of the table while it was empty");
  },
};

function expectSoundPage(page: Page, stream: Stream): void {
  hold(Number.isFinite(page.bytes) && page.bytes >= 0, "a page does not say how many bytes its rows take");
  hold(page.rows.length === 0 || page.bytes > 0, "a page with rows says that they take no bytes");
  for (const row of page.rows) {
    hold(typeof row.key === "string" && row.key !== "", "a row's key is not a text");
    expectPlainJson(row.fields, "a row");
    expectDeclaredTypes(row, stream.fields);
  }
}

export const rowLaws: readonly Law[] = [
  describesItsStream,
  checksOut,
  readsEveryRow,
  honoursTypes,
  keysAreOwn,
  readsOnlyWhatIsAskedFor,
  readsNothingFromNothing,
];
