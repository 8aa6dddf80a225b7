import { createShared, type Granted, parseAnswer, toCutOffError, toTimeoutError, until } from "@acme/api-source";
import { type Json, type Runtime, TransientError } from "@acme/sync-core";
import type { z } from "zod";
import type { HubspotConfig } from "./config.ts";
import { type Credentials, createCredentials, type Session } from "./credentials.ts";
import { type ErrorContext, isDailyLimit, toNetworkError, toRefreshError, toSyncError } from "./errors.ts";
import type { Machine } from "./machine.ts";
import { createPacer, type Lane, type Pacer } from "./pacer.ts";
import { createPaths, type Paths } from "./paths.ts";
import { DailyReserveReached, readBurstLimit, readDailyRemaining, serverTimeOf } from "./headers.ts";
import { toRefusal, tokenAnswer } from "./responses.ts";
import { retryWaitMs } from "./retry.ts";
import type { RawAnswer, RawRequest } from "./client.ts";

export interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly lane: Lane;
  /** What is being done, as the start of a sentence: `reading contacts`. */
  readonly doing: string;
}

export interface HubspotClient {
  /**
   * Makes one call, paced, with bounded retries, and returns its answer in the shape of `schema`.
   * @throws the signal's reason as soon as it is aborted; one of the five errors; QuotaStop when the day's calls are used up.
   */
  call<Schema extends z.ZodType>(call: Call, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>>;
  /** HubSpot's clock, never ahead of it by more than the way of an answer; this machine's before the first answer. */
  serverNow(): number;
  readonly credential: "token" | "oauth";
  readonly paths: Paths;
}

/** An answer that stays as it is; `json` is the body of one that is no refusal. */
interface FinalAnswer extends RawAnswer {
  readonly json: unknown;
}

/** Limits count the token: one pacer for all that use it. */
const sharedPacer = createShared<Pacer>();

/** Every call of a source goes through here: paced, with the token, and tried again where that helps. */
export function createHubspotClient(config: HubspotConfig, runtime: Runtime, machine: Machine): HubspotClient {
  const paths = createPaths(config.apiVersion);
  const host = new URL(config.baseUrl).host;
  const credentials: Credentials = createCredentials(config, runtime, machine.files, (refreshToken, signal) =>
    refresh(refreshToken, signal),
  );
  const pacer: Pacer = sharedPacer(runtime, credentials.identity, () => createPacer(runtime, config.searchesPerSecond));
  let clock: { readonly serverMs: number; readonly localMs: number } | null = null;

  const contextOf = (doing: string): ErrorContext => ({
    doing,
    host,
    credential: credentials.kind,
    secrets: credentials.secrets(),
  });

  /** One request, without any policy but the time it may take. */
  const send = async (request: RawRequest, context: ErrorContext, signal: AbortSignal): Promise<RawAnswer> => {
    signal.throwIfAborted();
    const answered = machine.transport(request);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(toTimeoutError(config.requestTimeoutMs, context)), config.requestTimeoutMs);
    });
    try {
      return await until(Promise.race([answered, late]), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw toNetworkError(error, context);
    } finally {
      clearTimeout(timer);
    }
  };

  /** Sends until there is an answer that is final: the one retry loop of this package. */
  const sendPatiently = async (
    lane: Lane,
    doing: string,
    make: () => Promise<RawRequest>,
    signal: AbortSignal,
  ): Promise<FinalAnswer> => {
    for (let tries = 1; ; tries += 1) {
      await pacer.take(lane, signal);
      // Calls of associations have a limit of their own, and may count among all others as well.
      if (lane === "associations") await pacer.take("general", signal);
      const request = await make();
      const context = contextOf(doing);
      let waitMs: number | null;
      let failure: unknown;
      try {
        const answer = await send(request, context, signal);
        noteHeaders(answer, doing);
        if (answer.status < 400) return { ...answer, json: parseJson(answer.text, doing) };
        const refusal = toRefusal(answer.status, answer.header, answer.text);
        waitMs = retryWaitMs(refusal, tries, runtime.random());
        if (answer.status === 429 && !isDailyLimit(refusal) && waitMs !== null) pacer.block(lane, waitMs);
        if (waitMs === null) return { ...answer, json: null };
        failure = null;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof TransientError)) throw error;
        waitMs = retryWaitMs(null, tries, runtime.random());
        failure = error;
      }
      if (waitMs === null) throw failure;
      await runtime.sleep(waitMs, signal);
    }
  };

  const noteHeaders = ({ header }: RawAnswer, doing: string): void => {
    const serverMs = serverTimeOf(header);
    if (serverMs !== null) clock = { serverMs, localMs: runtime.now() };
    const limit = readBurstLimit(header);
    if (limit !== null) pacer.learn(limit);
    const left = readDailyRemaining(header);
    if (left !== null && left < config.dailyReserve) throw new DailyReserveReached(left, config.dailyReserve, doing);
  };

  const refresh = async (refreshToken: string, signal: AbortSignal): Promise<Granted<Session>> => {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: config.oauth?.clientId ?? "",
      client_secret: config.oauth?.clientSecret ?? "",
      refresh_token: refreshToken,
    });
    const doing = "renewing the access token";
    const answer = await sendPatiently(
      "oauth",
      doing,
      async () => ({
        method: "POST",
        path: paths.token,
        body: form.toString(),
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        defaultJson: false,
      }),
      signal,
    );
    if (answer.status >= 400) {
      throw toRefreshError(toRefusal(answer.status, answer.header, answer.text), contextOf(doing));
    }
    const { access_token, refresh_token, expires_in } = parseAnswer(answer.json, tokenAnswer, doing, "HubSpot");
    return {
      session: { accessToken: access_token, expiresAtMs: runtime.now() + expires_in * 1000 },
      refreshToken: refresh_token ?? null,
    };
  };

  return {
    credential: credentials.kind,
    paths,
    // Whole milliseconds, whatever clock was handed in: cursors hold nothing else.
    serverNow: () => Math.floor(clock === null ? runtime.now() : clock.serverMs + (runtime.now() - clock.localMs)),
    async call(call, schema, signal) {
      let session = await credentials.session(signal);
      const request = async (): Promise<RawRequest> => ({
        method: call.method,
        path: call.path,
        ...(call.query === undefined ? {} : { qs: call.query }),
        ...(call.body === undefined ? {} : { body: call.body }),
        headers: { Authorization: `Bearer ${session.accessToken}` },
        defaultJson: true,
      });
      let answer = await sendPatiently(call.lane, call.doing, request, signal);
      if (answer.status === 401) {
        const replacement = await credentials.replace(session, signal);
        if (replacement !== null) {
          session = replacement;
          answer = await sendPatiently(call.lane, call.doing, request, signal);
        }
      }
      if (answer.status >= 400) {
        throw toSyncError(toRefusal(answer.status, answer.header, answer.text), contextOf(call.doing));
      }
      return parseAnswer(answer.json, schema, call.doing, "HubSpot");
    },
  };
}

/** @throws TransientError when the answer was cut off or is no JSON (a proxy's page). */
function parseJson(text: string, doing: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw toCutOffError(doing, "HubSpot");
  }
}
