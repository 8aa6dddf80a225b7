import { chmod, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { checkVersion } from "./migrations.ts";
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

/**
 * Looks at the first bytes of a file, without SQLite, which might write to it while opening. An empty file passes.
 * @throws ConfigError when the file is no database, not ours, of a newer version, or shorter than it says.
 */
export async function checkSqliteFile(file: string): Promise<void> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    if (bytesRead === 0) return;
    const header = toSqliteHeader(buffer.subarray(0, bytesRead));
    if (header === null) throw damagedState(file, "file is not a database");
    checkVersion(file, { ...header, empty: header.pages === 0 });
    const { size } = await handle.stat();
    if (size < header.pages * header.pageBytes) {
      throw damagedState(file, `it has ${size} bytes of ${header.pages * header.pageBytes}`);
    }
  } finally {
    await handle.close();
  }
}

/** What the header of a database file says, https://sqlite.org/fileformat.html; null when it is none. */
export function toSqliteHeader(
  bytes: Buffer,
): { applicationId: number; version: number; pages: number; pageBytes: number } | null {
  if (bytes.length < headerBytes || bytes.toString("latin1", 0, 16) !== "SQLite format 3\0") return null;
  const pageBytes = bytes.readUInt16BE(16);
  return {
    applicationId: bytes.readUInt32BE(68),
    version: bytes.readUInt32BE(60),
    pages: bytes.readUInt32BE(28),
    pageBytes: pageBytes === 1 ? 65_536 : pageBytes,
  };
}
