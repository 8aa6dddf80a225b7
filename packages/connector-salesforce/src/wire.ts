import { toCutOffError } from "@acme/api-source";
import type { Runtime } from "@acme/sync-core";
import type { SalesforceConfig } from "./config.ts";
import { ApiShareUsed, type ApiUsage, isShareUsed, parseLimitInfo } from "./limits.ts";
import { type HttpAnswer, send } from "./send.ts";
import type { HttpRequest, Transport } from "./transport.ts";

/** An answer that is no success, on its way through the library. */
export class Refused extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super(`status ${answer.status}`);
    this.answer = answer;
  }
}

/** What all calls of a client have in common: requests go out, and what every answer says beside its body is kept. */
export interface Wire {
  /**
   * One request, one answer.
   * @param take gets the pieces of an answer with status 200 as they come.
   * @throws Refused; the signal's reason; TransientError where the answer does not come, or not whole.
   */
  exchange(
    request: HttpRequest,
    maxBytes: number,
    doing: string,
    signal: AbortSignal,
    take?: (piece: Buffer) => void,
  ): Promise<HttpAnswer>;
  /** Salesforce's clock, never ahead of it by more than the way of an answer; this machine's before the first answer. */
  serverNow(): number;
  /** @throws ApiShareUsed (QuotaStop) once the share of the org's requests is used that may be. */
  throwIfShareUsed(doing: string): void;
}

/** How long it is believed that the limit stands where the last answer said: others' requests grow old and become free. */
const USAGE_GOOD_MS = 600_000;

/** Without its end, what an answer says about why it is no success is lost: the status alone does not tell a limit from a permission. */
function isCutOff({ header, bytes }: HttpAnswer): boolean {
  if (!/\bjson\b/i.test(header("content-type") ?? "")) return false;
  try {
    JSON.parse(bytes.toString("utf8"));
    return false;
  } catch {
    return true;
  }
}

export function createWire(config: SalesforceConfig, runtime: Runtime, transport: Transport): Wire {
  let clock: { readonly serverMs: number; readonly localMs: number } | null = null;
  let usage: { readonly last: ApiUsage; readonly atMs: number } | null = null;

  return {
    async exchange(request, maxBytes, doing, signal, take) {
      const context = { doing, host: new URL(request.url).host };
      const answer = await send(transport, request, maxBytes, config.requestTimeoutMs, context, signal, take);
      const serverMs = Date.parse(answer.header("date") ?? "");
      if (!Number.isNaN(serverMs)) clock = { serverMs, localMs: runtime.now() };
      const last = parseLimitInfo(answer.header("sforce-limit-info"));
      if (last !== null) usage = { last, atMs: runtime.now() };
      if (answer.status < 300 || answer.status === 304) return answer;
      throw isCutOff(answer) ? toCutOffError(doing, "Salesforce") : new Refused(answer);
    },
    serverNow: () => (clock === null ? runtime.now() : clock.serverMs + (runtime.now() - clock.localMs)),
    throwIfShareUsed(doing) {
      if (usage === null || runtime.now() - usage.atMs > USAGE_GOOD_MS) return;
      if (isShareUsed(usage.last, config.apiShare)) throw new ApiShareUsed(usage.last, config.apiShare, doing);
    },
  };
}
