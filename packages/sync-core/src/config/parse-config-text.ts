import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Document,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { type ConfigPath, safeName } from "./config-path.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { shieldReferences, unshieldReferences } from "./shield-references.ts";

export type ParsedConfig =
  | { readonly value: unknown; readonly lineOf: (path: ConfigPath) => number | null }
  | { readonly problems: readonly ConfigProblem[] };

/**
 * Parses a YAML or JSON configuration. `${NAME}` may stand anywhere, also unquoted inside `{ … }`. Problems name line and
 * column and the option on that line, and repeat nothing else of the file: a secret may stand there. Pure.
 */
export function parseConfigText(text: string): ParsedConfig {
  const lines = new LineCounter();
  const document = parseDocument(shieldReferences(text), { lineCounter: lines, prettyErrors: false, merge: true });
  const sourceLines = text.split("\n");
  const errors = [...document.errors, ...document.warnings, ...unresolvedAliases(document)];
  if (errors.length > 0) {
    return { problems: onePerLine(errors.map((error) => toProblem(error, lines, sourceLines))) };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 1000 });
  } catch {
    return { problems: [{ path: [], line: null, message: "its aliases (*name) cannot be resolved", hint: null }] };
  }
  return { value: unshieldReferences(value), lineOf: (path) => lineOf(document, lines, path) };
}

interface Fault {
  readonly code: string;
  readonly offset: number;
}

type YamlProblem = YAMLError | Fault;

function toProblem(error: YamlProblem, lines: LineCounter, sourceLines: readonly string[]): ConfigProblem {
  const { line, col } = lines.linePos("offset" in error ? error.offset : error.pos[0]);
  // An unclosed quote or bracket is noticed at the end of the file, or on the line behind: the last option before it helps.
  const option = optionOnLine(sourceLines, line);
  const where = option === null ? "" : ` (at "${option}")`;
  return { path: [], line, message: `column ${col}${where}: ${explain(error.code)}`, hint: hintFor(error.code) };
}

function optionOnLine(sourceLines: readonly string[], line: number): string | null {
  for (let index = Math.min(line, sourceLines.length) - 1; index >= 0; index -= 1) {
    const source = sourceLines[index] ?? "";
    const name = /^[\s\-{"']*([A-Za-z_][\w.-]*)["']?\s*:(?:\s|$)/.exec(source)?.[1];
    if (name !== undefined) return safeName(name);
    if (source.trim() !== "" && index < line - 1) return null;
  }
  return null;
}

/** In our own words: the parser's sentences may quote what stands in the file. */
function explain(code: string): string {
  const reasons: Record<string, string> = {
    BAD_ALIAS: "a value that starts with * refers to an anchor, and there is none of that name",
    ALIAS_PROPS: "a value that starts with * refers to an anchor, and cannot have a tag of its own",
    BAD_DQ_ESCAPE: 'a backslash inside "…" starts an escape that does not exist',
    BAD_INDENT: "the indentation does not fit the lines above, or a bracket was not closed",
    BAD_SCALAR_START: "a value may not start with this character unless it is in quotes",
    BLOCK_AS_IMPLICIT_KEY: "there is a second colon followed by a space, or a line is missing its indentation",
    BLOCK_IN_FLOW: "an indented block cannot stand inside { } or [ ]",
    DUPLICATE_KEY: "the option is there twice",
    MISSING_CHAR: "a quote, bracket, comma or colon is missing",
    MULTILINE_IMPLICIT_KEY: "a colon is missing after an option's name, or a quote was not closed",
    MULTIPLE_DOCS: "--- starts a second document; a configuration is one document",
    NON_STRING_KEY: "the name of an option must be text",
    TAB_AS_INDENT: "a tab stands where spaces are expected",
    TAG_RESOLVE_FAILED: "a value that starts with ! is read as a tag",
    UNEXPECTED_TOKEN: "something stands where it does not belong",
  };
  return reasons[code] ?? "this is not valid YAML";
}

function hintFor(code: string): string {
  if (code === "DUPLICATE_KEY") return "Remove one of the two.";
  if (code === "TAB_AS_INDENT") return "Indent with spaces.";
  const quoting = new Set(["BAD_ALIAS", "BAD_SCALAR_START", "BLOCK_AS_IMPLICIT_KEY", "TAG_RESOLVE_FAILED"]);
  if (quoting.has(code)) return "Put the value in single quotes, or take it from an environment variable with ${NAME}.";
  return "Correct the line; values with special characters belong in single quotes.";
}

function unresolvedAliases(document: Document): readonly Fault[] {
  const found: Fault[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) found.push({ code: "BAD_ALIAS", offset: alias.range?.[0] ?? 0 });
    },
  });
  return found;
}

/** One slip makes the parser stumble several times; the first complaint about a line is the one that helps. */
function onePerLine(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const byLine = new Map<number | null, ConfigProblem>();
  for (const problem of problems) if (!byLine.has(problem.line)) byLine.set(problem.line, problem);
  return [...byLine.values()].slice(0, 5);
}

/** The line of the option at `path`, or of the nearest one around it. */
function lineOf(document: Document, lines: LineCounter, path: ConfigPath): number | null {
  if (path.length === 0) return null;
  let node: unknown = document.contents;
  let offset = rangeStart(node);
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (pair === undefined || !isPair(pair)) break;
      offset = rangeStart(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === "number") {
      node = node.items[part];
      offset = rangeStart(node) ?? offset;
    } else break;
  }
  return offset === null ? null : lines.linePos(offset).line;
}

function rangeStart(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
