import { parseAnswer as toShape, toCutOffError } from "@acme/api-source";
import { Connection } from "jsforce";
import { StreamPromise } from "jsforce/lib/util/promise.js";
import type { Json } from "@acme/sync-core";
import { PassThrough } from "node:stream";
import type { z } from "zod";
import { type SalesforceConfig, toOrigin } from "./config.ts";
import type { Session } from "./credentials.ts";
import { parseJson } from "./values.ts";
import type { Wire } from "./wire.ts";

/** A connection of the library for one call, or a few of one session. @param version of the API; default: the configured one. */
export type Connect = (session: Session, doing: string, signal: AbortSignal, version?: string) => Connection;

/** Of any answer but a Bulk result: a page of 2,000 records has a few MB. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
const TEXT = { responseType: "text/plain" } as const;

/**
 * The only place that touches jsforce: it logs in, knows the paths, and describes. Its own transport is replaced, since it hides
 * headers, retries by itself, cannot be aborted, and ends the process when an answer is cut off; its session refresh knows no end
 * and loses rotated tokens; its Bulk download loses rows. So each call has a connection of its own without any of these.
 */
export function createConnect(config: SalesforceConfig, wire: Pick<Wire, "exchange">): Connect {
  const loginUrl = toOrigin(config.loginUrl);
  return (session, doing, signal, version = config.apiVersion) => {
    const { clientId, clientSecret } = config.clientCredentials ?? config.oauth ?? {};
    const connection = new Connection({
      ...session,
      loginUrl,
      version,
      logLevel: "NONE",
      oauth2: {
        loginUrl,
        ...(clientId === undefined ? {} : { clientId }),
        ...(clientSecret === undefined ? {} : { clientSecret }),
      },
    });
    const transport: Connection["_transport"] = {
      httpRequest: ({ method, url, headers, body }) =>
        StreamPromise.create(() => ({
          stream: new PassThrough(),
          promise: wire
            .exchange(
              { method, url, headers: headers ?? {}, ...(typeof body === "string" ? { body } : {}) },
              MAX_ANSWER_BYTES,
              doing,
              signal,
            )
            .then(({ status, header, bytes }) => ({
              statusCode: status,
              headers: { "content-type": header("content-type") ?? "" },
              body: bytes.toString("utf8"),
            })),
        })),
      getRequestStreamCreator: () => () => new PassThrough(),
    };
    Object.assign(connection, { _transport: transport, _refreshDelegate: undefined });
    Object.assign(connection.oauth2, { _transport: transport });
    return connection;
  };
}

export interface JsonRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes a request and gives its answer as text, as it came. */
export async function requestText(connection: Connection, request: JsonRequest): Promise<string> {
  const { body, headers = {}, ...rest } = request;
  const text: unknown = await connection.request(
    {
      ...rest,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    TEXT,
  );
  return typeof text === "string" ? text : "";
}

/** JSON of an answer, with every digit of its numbers. @throws TransientError when it was cut off. */
export function parseAnswer(text: string, doing: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw toCutOffError(doing, "Salesforce");
  }
}

/** The library gives JSON that was cut off as a text, or, of a login, as nothing. @throws TransientError. */
export function whole(answer: unknown, doing: string): unknown {
  if (typeof answer === "string" || answer === undefined) throw toCutOffError(doing, "Salesforce");
  return answer;
}

/** @throws BugError when an answer's shape is unknown. */
export function parseShape<Schema extends z.ZodType>(json: unknown, schema: Schema, doing: string): z.output<Schema> {
  return toShape(json, schema, doing, "Salesforce");
}
