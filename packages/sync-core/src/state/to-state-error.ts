import { BugError, ConfigError, SyncError, TransientError } from "../contracts/errors.ts";

/** What an error is about: which state, and whether it was being opened or already in use. */
export interface StateErrorContext {
  readonly location: string;
  readonly opening: boolean;
}

/**
 * A failure of the file system, of SQLite or of our own use of it, as one of the five errors. A fault that can pass while
 * the state is in use (a full disk, a lock, a file system that turned read-only) is a TransientError; damage, and whatever
 * keeps the state from being opened, is a ConfigError; anything else is a BugError. A SyncError comes back as it is.
 */
export function toStateError(error: unknown, context: StateErrorContext): SyncError {
  if (SyncError.is(error)) return error;
  const { location, opening } = context;
  const config = (message: string, hint: string): SyncError => new ConfigError(message, { hint, cause: error });
  const transient = (message: string, hint: string): SyncError => new TransientError(message, { hint, cause: error });
  const blocked = opening ? config : transient;
  const detail = error instanceof Error ? error.message : String(error);

  switch (faultOf(error)) {
    case "locked":
      return transient(
        `The state ${location} stayed locked by another process (${detail}).`,
        "Wait until the other run has ended, or find out which process keeps the file open.",
      );
    case "damaged":
      return damagedState(location, detail, error);
    case "full":
      return transient(
        `There is no space left to write the state ${location} (${detail}).`,
        "Make room on that disk and run again: nothing of the failed step was kept, everything before it was.",
      );
    case "disk":
      return transient(
        `The disk failed under the state ${location} (${detail}).`,
        "Check the disk and the file system, then run again: nothing of the failed step was kept.",
      );
    case "directory":
      return config(`The state ${location} is a directory.`, "Name a file in it, for example `state.db`.");
    case "no-directory":
      return config(
        `The state ${location} cannot be created: a part of its path is a file, or the path does not exist (${detail}).`,
        "Correct `state:` in the configuration.",
      );
    case "forbidden":
      return blocked(
        `The state ${location} cannot be opened for writing: permission denied (${detail}).`,
        "Give the user that runs the sync the right to read and write the file and the directory around it.",
      );
    case "read-only":
      return blocked(
        `The state ${location} cannot be written: it is read-only (${detail}).`,
        "Make the file, its directory and the file system writable, or keep the state somewhere else.",
      );
    case "unopenable":
      return blocked(
        `The state ${location} cannot be opened (${detail}).`,
        "Check that the file and the directory around it can be read and written by the user that runs the sync.",
      );
    case "no-locks":
      return config(
        `The file system under the state ${location} does not support the locks that SQLite needs (${detail}).`,
        "Keep the state on a local disk; a network share cannot hold it.",
      );
    case "exhausted":
      return transient(
        `The system ran out of memory or file handles for the state ${location} (${detail}).`,
        "Run again with fewer things at once, or raise the limits of the process.",
      );
    case "other":
      return opening
        ? config(
            `The state ${location} cannot be used (${detail}).`,
            "It may have been changed by something else: restore it from a backup, or move it away to start afresh.",
          )
        : new BugError(`The state ${location} was used in a way it does not allow (${detail}).`, { cause: error });
  }
}

/** What to say about a state that cannot be read any more. Nothing has been changed in it. */
export function damagedState(location: string, detail: string, cause?: unknown): ConfigError {
  return new ConfigError(
    `The state ${location} is damaged, or is not a state at all (${detail}). It was left as it is.`,
    {
      hint: "Restore it from a backup, or move it away: the next run then starts afresh and sends every row once more.",
      cause,
    },
  );
}

type Fault =
  | "locked"
  | "damaged"
  | "full"
  | "disk"
  | "directory"
  | "no-directory"
  | "forbidden"
  | "read-only"
  | "unopenable"
  | "no-locks"
  | "exhausted"
  | "other";

/** By SQLite's primary result code, https://sqlite.org/rescode.html. */
const faultBySqliteCode: Readonly<Record<number, Fault>> = {
  3: "forbidden",
  5: "locked",
  6: "locked",
  7: "exhausted",
  8: "read-only",
  10: "disk",
  11: "damaged",
  13: "full",
  14: "unopenable",
  15: "no-locks",
  22: "no-locks",
  26: "damaged",
};

const faultBySystemCode: Readonly<Record<string, Fault>> = {
  EACCES: "forbidden",
  EPERM: "forbidden",
  EROFS: "read-only",
  EISDIR: "directory",
  ENOTDIR: "no-directory",
  EEXIST: "no-directory",
  ENOENT: "no-directory",
  ENAMETOOLONG: "no-directory",
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  EIO: "disk",
  EMFILE: "exhausted",
  ENFILE: "exhausted",
  ENOMEM: "exhausted",
};

function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return "other";
  // The low byte is the primary code; the rest says more than the reader can act on.
  if ("errcode" in error && typeof error.errcode === "number")
    return faultBySqliteCode[error.errcode & 0xff] ?? "other";
  if ("code" in error && typeof error.code === "string") return faultBySystemCode[error.code] ?? "other";
  return "other";
}
