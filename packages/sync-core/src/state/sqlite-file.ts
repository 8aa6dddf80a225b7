import { chmod, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { damagedState } from "./to-state-error.ts";

const headerBytes = 100;

/** Makes the file and its directory where they are missing, for this user alone. SQLite gives -wal and -shm the same rights. */
export async function createSqliteFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "a", 0o600);
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) await chmod(file, 0o600);
  } finally {
    await handle.close();
  }
}

/** Whether a write-ahead log lies beside the file that holds anything. */
export async function hasLog(file: string): Promise<boolean> {
  const log = await stat(`${file}-wal`).catch(() => null);
  return log !== null && log.size > 0;
}

/**
 * Looks at a file without SQLite: whether it is a database at all, and has all the bytes it says it has. An empty file
 * passes.
 * @throws ConfigError when it is damaged.
 */
export async function checkSqliteFile(file: string): Promise<void> {
  // What the log holds is not in the file yet, and the header may run ahead of it.
  const log = await stat(`${file}-wal`).catch(() => null);
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    if (bytesRead === 0) return;
    const bytes = sizeInHeader(buffer.subarray(0, bytesRead));
    if (bytes === null) throw damagedState(file, "file is not a database");
    const { size } = await handle.stat();
    if (log === null && size < bytes) throw damagedState(file, `it has ${size} of its ${bytes} bytes`);
  } finally {
    await handle.close();
  }
}

/** How many bytes a database has by its own header, https://sqlite.org/fileformat.html; null when it is no database. */
export function sizeInHeader(header: Buffer): number | null {
  if (header.length < headerBytes || header.toString("latin1", 0, 16) !== "SQLite format 3\0") return null;
  // 65,536 does not fit into two bytes and is written as 1.
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  return pageBytes * header.readUInt32BE(28);
}
