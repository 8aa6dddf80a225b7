import { malformed } from "./soql-error.ts";

export type TokenKind = "name" | "text" | "number" | "date" | "datetime" | "symbol" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a text, what it means. */
  readonly text: string;
  /** Where it begins, from 0. */
  readonly at: number;
}

const DATE = String.raw`\d{4}-\d{2}-\d{2}`;
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["datetime", new RegExp(String.raw`${DATE}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})`, "y")],
  ["date", new RegExp(DATE, "y")],
  ["number", /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["name", /[A-Za-z]\w*/y],
  ["symbol", /<=|>=|!=|<>|[(),.=<>:]/y],
];
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** Splits a query. Throws MALFORMED_QUERY for a character or a text that is none. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    if (text[at] === "'") {
      const token = readText(text, at);
      tokens.push(token.token);
      at = token.next;
      continue;
    }
    const token = match(text, at);
    if (token === undefined) throw malformed(text, at, `unexpected token: '${text[at]}'`);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: "end", text: "<EOF>", at: text.length });
  return tokens;
}

function match(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found, at };
  }
  return undefined;
}

function readText(text: string, at: number): { readonly token: Token; readonly next: number } {
  let value = "";
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "'") return { token: { kind: "text", text: value, at }, next: index + 1 };
    if (character !== "\\") {
      value += character;
      continue;
    }
    index += 1;
    const escaped = text.charAt(index);
    // `\%` and `\_` keep their backslash for LIKE.
    if (escaped === "%" || escaped === "_") value += `\\${escaped}`;
    else if (escaped === "u") {
      value += String.fromCharCode(Number.parseInt(text.slice(index + 1, index + 5), 16));
      index += 4;
    } else value += escapes[escaped.toLowerCase()] ?? escaped;
  }
  throw malformed(text, at, `line 1:${at} mismatched character '<EOF>' expecting '''`);
}
