import { ConfigError, SyncError } from "@acme/sync-core";
import type { SqlClient, Subject, Transaction } from "./transaction.ts";

/** What a driver gives for each connection. */
export interface Connection<T extends Transaction> {
  readonly transaction: T;
  /**
   * Fails when the connection is dead.
   * @param isContinuing whether it goes on with the same work as before: to find out costs time, and then nothing is lost by
   * failing later.
   */
  begin(isContinuing: boolean): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  readonly isAlive: () => boolean;
  /** Whether the server works on a statement; absent: it stops by itself once the connection is gone. */
  readonly isBusy?: () => boolean;
  /** Ends it at once; whatever waits for it fails. */
  readonly destroy: () => void;
  /** Ends it with a goodbye to the server. Nothing is under way on it. */
  end(): Promise<void>;
  /** Called once when it has ended, whoever ended it. */
  readonly onEnd: (listener: () => void) => void;
}

export interface ClientPorts<T extends Transaction> {
  /** @throws the signal's reason once it is aborted. */
  connect(signal: AbortSignal): Promise<Connection<T>>;
  /** What stops the server's work on a connection that was cut off in mid-statement, where the server does not notice by itself. */
  readonly abandon?: (connection: Connection<T>) => Promise<void>;
  /** True when the connection itself is gone and a new one could help. */
  readonly isConnectionLost: (error: unknown) => boolean;
  /** True for an error that the server answered and after which the session goes on. */
  readonly isStatementError: (error: unknown) => boolean;
  readonly toSyncError: (error: unknown, subject: Subject) => SyncError;
}

/** Connects on first use and keeps at most one idle connection. */
export function createClient<T extends Transaction>(ports: ClientPorts<T>): SqlClient<T> {
  const open = new Set<Connection<T>>();
  const abandoned = new Set<Promise<void>>();
  let idle: Connection<T> | null = null;
  let lastSubject: Subject | null = null;
  let closed = false;

  const cutOff = (connection: Connection<T>): void => {
    const isBusy = connection.isBusy?.() === true;
    connection.destroy();
    if (!isBusy || ports.abandon === undefined) return;
    const stopping = ports.abandon(connection).finally(() => abandoned.delete(stopping));
    abandoned.add(stopping);
  };

  const connect = async (signal: AbortSignal): Promise<Connection<T>> => {
    const connection = await ports.connect(signal);
    open.add(connection);
    connection.onEnd(() => open.delete(connection));
    return connection;
  };

  const begin = async (connection: Connection<T>, isContinuing: boolean, signal: AbortSignal): Promise<void> => {
    const stop = (): void => connection.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      await connection.begin(isContinuing);
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };

  const acquire = async (subject: Subject, signal: AbortSignal): Promise<Connection<T>> => {
    const kept = idle;
    idle = null;
    const isContinuing = subject === lastSubject;
    lastSubject = subject;
    if (kept !== null && kept.isAlive()) {
      try {
        await begin(kept, isContinuing, signal);
        return kept;
      } catch (error) {
        signal.throwIfAborted();
        if (!ports.isConnectionLost(error)) throw error;
      }
    }
    const fresh = await connect(signal);
    await begin(fresh, false, signal);
    return fresh;
  };

  const release = (connection: Connection<T>): void => {
    if (idle === null && !closed && connection.isAlive()) idle = connection;
    else connection.destroy();
  };

  return {
    async transaction(subject, signal, work) {
      signal.throwIfAborted();
      if (closed) throw new ConfigError("the source is closed", { hint: "Make a new one." });
      let connection: Connection<T> | null = null;
      const stop = (): void => {
        if (connection !== null) cutOff(connection);
      };
      signal.addEventListener("abort", stop, { once: true });
      try {
        connection = await acquire(subject, signal);
        signal.throwIfAborted();
        const result = await work(connection.transaction);
        await connection.commit();
        release(connection);
        return result;
      } catch (error) {
        if (connection !== null) {
          // Errors of ours are thrown between statements; the server's own leave a session that can be rolled back.
          const isGood = !signal.aborted && (SyncError.is(error) || ports.isStatementError(error));
          if (isGood && (await rolledBack(connection))) release(connection);
          else connection.destroy();
        }
        signal.throwIfAborted();
        throw ports.toSyncError(error, subject);
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    async close() {
      closed = true;
      const kept = idle;
      idle = null;
      // A goodbye to the server where nothing is under way; anything else is cut.
      if (kept !== null && kept.isAlive()) await kept.end().catch(() => undefined);
      for (const connection of open) cutOff(connection);
      open.clear();
      await Promise.allSettled(abandoned);
    },
  };
}

async function rolledBack<T extends Transaction>(connection: Connection<T>): Promise<boolean> {
  try {
    await connection.rollback();
    return true;
  } catch {
    return false; // The connection is of no use; the first error is the one to tell.
  }
}
