import type { Condition, Literal, Operator, Order, Path, Query, SelectItem } from "./ast.ts";
import { malformed } from "./soql-error.ts";
import { type Token, tokenize } from "./tokens.ts";

const periods = /^(?:TODAY|YESTERDAY|TOMORROW|THIS_MONTH|LAST_MONTH|THIS_YEAR|LAST_YEAR|LAST_N_DAYS|NEXT_N_DAYS)$/i;
const comparisons: Readonly<Record<string, Operator>> = {
  "=": "=",
  "!=": "!=",
  "<>": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/** Parses the part of SOQL that reading needs. Throws MALFORMED_QUERY with the place of what it does not understand. */
export function parseSoql(text: string): Query {
  const parser = new Parser(text);
  const query = parser.query();
  parser.expectEnd();
  return query;
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  query(): Query {
    this.#keyword("SELECT");
    const select = this.#list(() => this.#selectItem());
    this.#keyword("FROM");
    const from = this.#name();
    const where = this.#skip("WHERE") ? this.#or() : undefined;
    const groupBy = this.#skip("GROUP") ? this.#by(() => this.#path()) : [];
    const orderBy = this.#skip("ORDER") ? this.#by(() => this.#order()) : [];
    const limit = this.#skip("LIMIT") ? this.#count() : undefined;
    const offset = this.#skip("OFFSET") ? this.#count() : undefined;
    const allRows = this.#skip("ALL");
    if (allRows) this.#keyword("ROWS");
    return {
      text: this.#text,
      select,
      from: { name: from.text, at: from.at },
      where,
      groupBy,
      orderBy,
      limit,
      offset,
      allRows,
    };
  }

  expectEnd(): void {
    if (this.#token.kind !== "end") throw this.#unexpected();
  }

  #selectItem(): SelectItem {
    const { at } = this.#token;
    if (this.#isSymbol("(")) {
      this.#index += 1;
      const query = this.query();
      this.#symbol(")");
      return { kind: "subquery", query, at };
    }
    if (this.#isWord("TYPEOF")) {
      while (!this.#isWord("END") && this.#token.kind !== "end") this.#index += 1;
      this.#keyword("END");
      return { kind: "typeof", at };
    }
    const path = this.#path();
    const [name = ""] = path.names;
    if (path.names.length > 1 || !this.#isSymbol("(")) return { kind: "field", path };
    this.#index += 1;
    if (name.toUpperCase() === "FIELDS") {
      const group = this.#name().text.toUpperCase();
      this.#symbol(")");
      return { kind: "fields", group, at };
    }
    const inner = this.#isSymbol(")") ? undefined : this.#path();
    this.#symbol(")");
    const alias = this.#token.kind === "name" && !this.#isWord("FROM") ? this.#name().text : undefined;
    return { kind: "aggregate", name: name.toUpperCase(), path: inner, alias, at };
  }

  #or(): Condition {
    const first = this.#and();
    if (!this.#isWord("OR")) return first;
    const conditions = [first];
    while (this.#skip("OR")) conditions.push(this.#unary());
    if (this.#isWord("AND")) throw this.#unexpected();
    return { kind: "or", conditions };
  }

  #and(): Condition {
    const first = this.#unary();
    if (!this.#isWord("AND")) return first;
    const conditions = [first];
    while (this.#skip("AND")) conditions.push(this.#unary());
    // SOQL wants parentheses where AND and OR meet.
    if (this.#isWord("OR")) throw this.#unexpected();
    return { kind: "and", conditions };
  }

  #unary(): Condition {
    if (this.#skip("NOT")) return { kind: "not", condition: this.#unary() };
    if (this.#isSymbol("(")) {
      this.#index += 1;
      const condition = this.#or();
      this.#symbol(")");
      return condition;
    }
    const path = this.#path();
    const { operator, list } = this.#operator();
    if (!list) return { kind: "comparison", path, operator, literals: [this.#literal()] };
    this.#symbol("(");
    const literals = this.#list(() => this.#literal());
    this.#symbol(")");
    return { kind: "comparison", path, operator, literals };
  }

  #operator(): { readonly operator: Operator; readonly list: boolean } {
    const token = this.#token;
    const comparison = token.kind === "symbol" ? comparisons[token.text] : undefined;
    if (comparison !== undefined) {
      this.#index += 1;
      return { operator: comparison, list: false };
    }
    if (this.#skip("LIKE")) return { operator: "LIKE", list: false };
    if (this.#skip("IN")) return { operator: "IN", list: true };
    if (this.#skip("INCLUDES")) return { operator: "INCLUDES", list: true };
    if (this.#skip("EXCLUDES")) return { operator: "EXCLUDES", list: true };
    if (this.#skip("NOT")) {
      this.#keyword("IN");
      return { operator: "NOT IN", list: true };
    }
    throw this.#unexpected();
  }

  #literal(): Literal {
    const token = this.#token;
    this.#index += 1;
    const { at, text } = token;
    switch (token.kind) {
      case "text":
        return { kind: "text", text, at };
      case "number":
        return { kind: "number", text, at };
      case "date":
        return { kind: "date", text, at };
      case "datetime":
        return { kind: "datetime", text, timeMs: this.#timeMs(token), at };
      case "name": {
        if (/^null$/i.test(text)) return { kind: "null", at };
        if (/^(true|false)$/i.test(text)) return { kind: "boolean", value: text.toLowerCase() === "true", at };
        if (periods.test(text)) return { kind: "period", name: text.toUpperCase(), count: this.#periodCount(), at };
        break;
      }
      case "symbol":
      case "end":
        break;
    }
    this.#index -= 1;
    throw this.#unexpected();
  }

  #timeMs({ text, at }: Token): number {
    const timeMs = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
    if (Number.isNaN(timeMs)) throw malformed(this.#text, at, `line 1:${at} invalid dateTime '${text}'`);
    return timeMs;
  }

  #periodCount(): number {
    if (!this.#isSymbol(":")) return 0;
    this.#index += 1;
    return this.#count();
  }

  #order(): Order {
    const path = this.#path();
    const descending = this.#skip("DESC");
    if (!descending) this.#skip("ASC");
    if (!this.#skip("NULLS")) return { path, descending, nullsLast: false };
    if (this.#skip("LAST")) return { path, descending, nullsLast: true };
    this.#keyword("FIRST");
    return { path, descending, nullsLast: false };
  }

  #by<T>(read: () => T): readonly T[] {
    this.#keyword("BY");
    return this.#list(read);
  }

  #list<T>(read: () => T): readonly T[] {
    const items = [read()];
    while (this.#isSymbol(",")) {
      this.#index += 1;
      items.push(read());
    }
    return items;
  }

  #path(): Path {
    const first = this.#name();
    const names = [first.text];
    while (this.#isSymbol(".")) {
      this.#index += 1;
      names.push(this.#name().text);
    }
    return { names, at: first.at };
  }

  #count(): number {
    const token = this.#token;
    if (token.kind !== "number" || !/^\d+$/.test(token.text)) throw this.#unexpected();
    this.#index += 1;
    return Number(token.text);
  }

  #name(): Token {
    const token = this.#token;
    if (token.kind !== "name") throw this.#unexpected();
    this.#index += 1;
    return token;
  }

  get #token(): Token {
    const token = this.#tokens[this.#index] ?? this.#tokens.at(-1);
    if (token === undefined) throw malformed(this.#text, 0, "unexpected token: '<EOF>'");
    return token;
  }

  #isWord(word: string): boolean {
    return this.#token.kind === "name" && this.#token.text.toUpperCase() === word;
  }

  #isSymbol(symbol: string): boolean {
    return this.#token.kind === "symbol" && this.#token.text === symbol;
  }

  #skip(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#index += 1;
    return true;
  }

  #keyword(word: string): void {
    if (!this.#skip(word)) throw this.#unexpected();
  }

  #symbol(symbol: string): void {
    if (!this.#isSymbol(symbol)) throw this.#unexpected();
    this.#index += 1;
  }

  #unexpected() {
    const { text, at } = this.#token;
    return malformed(this.#text, at, `unexpected token: '${text}'`);
  }
}
