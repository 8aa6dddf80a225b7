import { ConfigError } from "@acme/sync-core";

/** One part of a table's name. How unquoted parts are looked up is the server's way. */
export interface NamePart {
  readonly name: string;
  readonly quoted: boolean;
}

export interface TableName {
  /** null: whatever the connection looks through. */
  readonly schema: NamePart | null;
  readonly table: NamePart;
}

/** How names are written in a configuration: `"` for standard SQL, a backtick for MySQL. */
export type QuoteCharacter = '"' | "`";

/**
 * Reads `customers`, `shop.customers` or, with `"` as quote, `"My Schema"."My.Table"`.
 * @throws ConfigError when it is none of these.
 */
export function parseTableName(text: string, quote: QuoteCharacter): TableName {
  const part = new RegExp(
    `${quote}((?:[^${quote}]|${quote}${quote})+)${quote}|([^${quote}.\\s]+(?: +[^${quote}.\\s]+)*)`,
    "y",
  );
  const parts: NamePart[] = [];
  let at = 0;
  for (;;) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) throw badTableName(text, quote);
    const [whole, quoted, plain] = match;
    parts.push(
      quoted === undefined
        ? { name: plain ?? "", quoted: false }
        : { name: quoted.replaceAll(quote + quote, quote), quoted: true },
    );
    at += whole.length;
    if (at === text.length) break;
    if (text[at] !== ".") throw badTableName(text, quote);
    at += 1;
  }
  const [first, second, third] = parts;
  if (first === undefined || third !== undefined) throw badTableName(text, quote);
  return second === undefined ? { schema: null, table: first } : { schema: first, table: second };
}

function badTableName(text: string, quote: QuoteCharacter): ConfigError {
  return new ConfigError(`table: "${text}" is not the name of a table`, {
    hint: `Write table or schema.table; a name with dots or quotes between quotes: ${quote}My Schema${quote}.${quote}My.Table${quote}.`,
  });
}
