import type { RunQueue } from "./run-queue.ts";
import type { StateStore } from "./state.ts";

/**
 * A place other than a file where a state can be kept, as data: a program hands in those that it offers. `state:` in a
 * configuration chooses one by the scheme of its URL.
 */
export interface StateBackend {
  /** What URLs of this kind begin with, in lower case, without `://`. */
  readonly schemes: readonly string[];
  readonly packageName: string;
  readonly version: string;
  /**
   * Where a URL leads to, for messages: without user, password or anything else that is secret. Nothing is connected.
   * @throws ConfigError when the URL makes no sense. No message repeats the URL.
   */
  locationOf(url: string): string;
  /** @returns null where nothing is kept yet and `mode` does not say to make it. @throws as {@link StateStore}, and AuthError. */
  open(options: OpenStateOptions): Promise<StateStore | null>;
  /** The run queue that lies beside the state; each may be opened without the other. */
  openRunQueue(options: OpenStateOptions): Promise<RunQueue | null>;
}

export interface OpenStateOptions {
  /** As `state:` in the configuration says. May hold a password. */
  readonly url: string;
  /** Milliseconds since the epoch, by this machine. What machines have to agree on goes by a clock that they share. */
  readonly now: () => number;
  /**
   * `create`: makes what is missing, and brings an older state up to date. `existing`: the same, where there is a state already.
   * `look`: nothing is made or changed; methods that write throw.
   */
  readonly mode: "create" | "existing" | "look";
}
