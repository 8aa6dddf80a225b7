import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { ConfigError } from "../contracts/errors.ts";
import type { StatePiece } from "../contracts/state-transfer.ts";

/*
 * An exported state: one JSON document a line. The first says what it is, the last how many came before it and their SHA-256, so that
 * a file which was cut or changed is not taken for a whole one.
 */
const FORMAT = "acme-sync-state";
const VERSION = 1;

/** A line of a file that we wrote is far shorter; a file that is something else must not fill the memory. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** What a file says of itself. */
export interface StateFileHeader {
  readonly exportedAt: string;
}

/**
 * Writes pieces to a file that only this user may read: digests are of personal data. It appears when it is complete; one that
 * was there before makes way then.
 * @returns how many rows were written.
 * @throws ConfigError when it cannot be written, and whatever the pieces throw.
 */
export async function writeStateFile(
  file: string,
  header: StateFileHeader,
  pieces: AsyncIterable<StatePiece>,
): Promise<number> {
  const partial = `${file}.${process.pid}.partial`;
  const cannot = (cause: unknown): ConfigError =>
    new ConfigError(`${file} cannot be written`, { hint: "Correct the path behind --output.", cause });
  const handle = await open(partial, "wx", 0o600).catch((error: unknown) => {
    throw cannot(error);
  });
  const hash = createHash("sha256");
  let rows = 0;
  let lines = 0;
  const write = async (line: object): Promise<void> => {
    const text = `${JSON.stringify(line)}\n`;
    hash.update(text);
    lines += 1;
    await handle.write(text).catch((error: unknown) => {
      throw cannot(error);
    });
  };
  try {
    await write({ format: FORMAT, version: VERSION, ...header });
    for await (const piece of pieces) {
      await write(piece);
      rows += piece.rows.length;
    }
    await write({ end: true, lines, sha256: hash.copy().digest("hex") });
    await handle.sync();
    await handle.close();
    await rename(partial, file);
    return rows;
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * The pieces of a file that {@link writeStateFile} wrote, one after the other. What comes out before an error is thrown must not
 * be kept.
 * @throws ConfigError when the file cannot be read, is none of ours, damaged or cut short, or a newer version wrote it.
 */
export async function* readStateFile(file: string): AsyncGenerator<StatePiece> {
  const hash = createHash("sha256");
  let lines = 0;
  let isWhole = false;
  for await (const text of linesOf(file)) {
    if (isWhole) throw damaged(file, lines + 1);
    const line = parse(text);
    if (line === null) throw lines === 0 ? foreign(file) : damaged(file, lines + 1);
    if (lines === 0) checkHeader(file, line);
    else if (line["end"] === true) {
      if (line["lines"] !== lines || line["sha256"] !== hash.digest("hex")) throw damaged(file, lines + 1);
      isWhole = true;
      continue;
    } else yield toPiece(file, line, lines + 1);
    hash.update(`${text}\n`);
    lines += 1;
  }
  if (lines === 0) throw foreign(file);
  if (!isWhole) {
    throw new ConfigError(`${file} is cut short: its last line is missing`, {
      hint: "Export the state again. Nothing was imported.",
    });
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  try {
    for await (const chunk of createReadStream(file)) {
      const parts = (rest + decoder.write(chunk)).split("\n");
      rest = parts.pop() ?? "";
      yield* parts;
      if (rest.length > LONGEST_LINE) throw foreign(file);
    }
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new ConfigError(`${file} cannot be read`, { hint: "Correct the path and its permissions.", cause: error });
  }
  if (rest !== "") yield rest;
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function checkHeader(file: string, line: Readonly<Record<string, unknown>>): void {
  const { format, version } = line;
  if (format !== FORMAT || typeof version !== "number") throw foreign(file);
  if (version > VERSION) {
    throw new ConfigError(
      `${file} was written by a newer version of this program: its form is ${version}, this program knows ${VERSION}. Nothing was imported.`,
      { hint: "Install the version that wrote it, or a newer one." },
    );
  }
}

function toPiece(file: string, line: Readonly<Record<string, unknown>>, number: number): StatePiece {
  const { table, sync, rows } = line;
  const isNamed = typeof table === "string" && (sync === null || typeof sync === "string");
  if (!isNamed || !Array.isArray(rows)) throw damaged(file, number);
  return {
    table,
    sync,
    rows: rows.map((row: unknown) => {
      if (typeof row !== "object" || row === null || Array.isArray(row)) throw damaged(file, number);
      return { ...row };
    }),
  };
}

function foreign(file: string): ConfigError {
  return new ConfigError(`${file} is not an exported state`, { hint: "Name a file that `state export` wrote." });
}

function damaged(file: string, line: number): ConfigError {
  return new ConfigError(`${file} is damaged, or was changed by hand (line ${line}). Nothing was imported.`, {
    hint: "Export the state again.",
  });
}
