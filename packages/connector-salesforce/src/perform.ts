import { type QuotaStop, type Runtime, type SyncError, TransientError } from "@acme/sync-core";
import type { Credentials, Session } from "./credentials.ts";
import { type ErrorContext, isHopeless401, type Refusal, toSyncError } from "./errors.ts";
import { toRefusal } from "./responses.ts";
import { retryWaitMs } from "./retry.ts";
import { Refused, type Wire } from "./wire.ts";

/**
 * Makes a call until there is an answer that is final: the one retry loop around calls, with one new login at most.
 * @param onRefusal what an answer that is no success means instead of an error; undefined: nothing.
 * @throws the signal's reason as soon as it is aborted; one of the five errors; QuotaStop when requests are used up.
 */
export type Perform = <Result>(
  doing: string,
  attempt: (session: Session) => Promise<Result>,
  signal: AbortSignal,
  onRefusal?: (refusal: Refusal, isNewSession: boolean) => Result | undefined,
) => Promise<Result>;

export function createPerform(
  runtime: Runtime,
  credentials: Credentials,
  wire: Pick<Wire, "throwIfShareUsed">,
  contextOf: (doing: string, url: string) => ErrorContext,
): Perform {
  return async (doing, attempt, signal, onRefusal = () => undefined) => {
    let session = await credentials.session(signal);
    let isReplaced = false;
    for (let tries = 1; ; tries += 1) {
      wire.throwIfShareUsed(doing);
      let refusal: Refusal | null = null;
      let failure: SyncError | QuotaStop;
      try {
        return await attempt(session);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Refused) {
          const { status, header, bytes } = error.answer;
          refusal = toRefusal(status, header, bytes.toString("utf8"));
          const isExpired = status === 401 && !isHopeless401(refusal) && !isReplaced;
          if (isExpired) {
            session = await credentials.replace(session, signal);
            isReplaced = true;
          }
          const meaning = onRefusal(refusal, isExpired);
          if (meaning !== undefined) return meaning;
          if (isExpired) continue;
          failure = toSyncError(refusal, contextOf(doing, session.instanceUrl));
        } else if (error instanceof TransientError) failure = error;
        else throw error;
      }
      const waitMs = retryWaitMs(refusal, tries, runtime.random());
      if (waitMs === null) throw failure;
      await runtime.sleep(waitMs, signal);
    }
  };
}
