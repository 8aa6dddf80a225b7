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
  const detail = error instanceof Error ? error.message : String(error);
  const fault = faultOf(error);
  if (fault === "damaged") return damagedState(location, detail, error);
  if (fault === "other" && !opening) {
    return new BugError(`The state ${location} was used in a way it does not allow (${detail}).`, { cause: error });
  }
  const { means, says, hint } = descriptions[fault];
  const message = `The state ${location} ${says} (${detail}).`;
  const passing = means === "transient" || (means === "blocked" && !opening);
  return passing
    ? new TransientError(message, { hint, cause: error })
    : new ConfigError(message, { hint, cause: error });
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

/** `blocked` is a ConfigError while opening and a TransientError afterwards. */
interface Description {
  readonly means: "config" | "transient" | "blocked";
  readonly says: string;
  readonly hint: string;
}

const descriptions = {
  locked: {
    means: "transient",
    says: "stayed locked by another process",
    hint: "Wait until the other run has ended, or find out which process keeps the file open.",
  },
  full: {
    means: "transient",
    says: "cannot be written: there is no space left",
    hint: "Make room on that disk and run again: nothing of the failed step was kept, everything before it was.",
  },
  disk: {
    means: "transient",
    says: "cannot be read or written: the disk failed",
    hint: "Check the disk and the file system, then run again: nothing of the failed step was kept.",
  },
  directory: {
    means: "config",
    says: "is a directory",
    hint: "Name a file in it, for example `state.db`.",
  },
  pathless: {
    means: "config",
    says: "is not there and cannot be created: its path is missing, too long, or leads through a file",
    hint: "Correct `state:` in the configuration.",
  },
  forbidden: {
    means: "blocked",
    says: "cannot be opened: permission denied",
    hint: "Give the user that runs the sync the right to read and write the file and the directory around it.",
  },
  readOnly: {
    means: "blocked",
    says: "cannot be written: it is read-only",
    hint: "Make the file, its directory and the file system writable, or keep the state somewhere else.",
  },
  unopenable: {
    means: "blocked",
    says: "cannot be opened",
    hint: "Check that the user that runs the sync may read and write the file and the directory around it.",
  },
  lockless: {
    means: "config",
    says: "lies on a file system without the locks that SQLite needs",
    hint: "Keep the state on a local disk; a network share cannot hold it.",
  },
  exhausted: {
    means: "transient",
    says: "cannot be used: the system ran out of memory or file handles",
    hint: "Run again with fewer things at once, or raise the limits of the process.",
  },
  other: {
    means: "config",
    says: "cannot be used",
    hint: "Something else may have changed it: restore it from a backup, or move it away to start afresh.",
  },
} as const satisfies Readonly<Record<string, Description>>;

type Fault = keyof typeof descriptions | "damaged";

/** SQLITE_IOERR_SHMSIZE: the index of the log could not grow. No other cause than a full disk is known. */
const SHARED_MEMORY_SIZE = 4874;

/** By SQLite's primary result code, https://sqlite.org/rescode.html. */
const faultBySqliteCode: Readonly<Record<number, Fault>> = {
  3: "forbidden",
  5: "locked",
  6: "locked",
  7: "exhausted",
  8: "readOnly",
  10: "disk",
  11: "damaged",
  13: "full",
  14: "unopenable",
  15: "lockless",
  22: "lockless",
  26: "damaged",
};

const faultBySystemCode: Readonly<Record<string, Fault>> = {
  EACCES: "forbidden",
  EPERM: "forbidden",
  EROFS: "readOnly",
  EISDIR: "directory",
  ENOTDIR: "pathless",
  EEXIST: "pathless",
  ENOENT: "pathless",
  ENAMETOOLONG: "pathless",
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
  if ("errcode" in error && error.errcode === SHARED_MEMORY_SIZE) return "full";
  if ("errcode" in error && typeof error.errcode === "number")
    return faultBySqliteCode[error.errcode & 0xff] ?? "other";
  if ("code" in error && typeof error.code === "string") return faultBySystemCode[error.code] ?? "other";
  return "other";
}
