/**
 * Five errors, each named by what happens next. Everything that leaves a connector, the destination or the state store is
 * one of them. A message says what is wrong, where, and with which value; the hint says what to do. Neither ever carries a
 * secret or the contents of a row.
 */
const marker = Symbol.for("@acme/sync-core/error");

export type SyncErrorKind = "config" | "auth" | "transient" | "record" | "bug";

export interface SyncErrorOptions {
  /** What the reader should do about it, as a full sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export abstract class SyncError extends Error {
  abstract readonly kind: SyncErrorKind;
  readonly hint: string | null;

  constructor(message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint ?? null;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for every SyncError, also one made by another installed copy of this package. */
  static is(error: unknown): error is SyncError {
    return typeof error === "object" && error !== null && marker in error;
  }
}

/** The configuration or the data model is wrong: stop before anything is sent, say which field. Exit code 2. */
export class ConfigError extends SyncError {
  override readonly kind = "config";
}

/** A credential or a permission is missing: stop, say which one and where to grant it. Exit code 3. */
export class AuthError extends SyncError {
  override readonly kind = "auth";
}

/** A passing fault: try again, within a budget; the checkpoint stays where it is. Exit code 6 once the budget is spent. */
export class TransientError extends SyncError {
  override readonly kind = "transient";
  /** How long the other side asked us to wait, in milliseconds; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: SyncErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** One row cannot be delivered as it is: park it with the reason, go on with the rest. Exit code 4 at the end. */
export class RecordError extends SyncError {
  override readonly kind = "record";
  readonly key: string;

  constructor(key: string, message: string, options: SyncErrorOptions = {}) {
    super(message, options);
    this.key = key;
  }
}

/** Something that cannot happen did: stop loudly. Exit code 1. */
export class BugError extends SyncError {
  override readonly kind = "bug";
}
