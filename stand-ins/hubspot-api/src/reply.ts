import { randomUUID } from "node:crypto";
import type { ApiError } from "./api-error.ts";

/** What a handler answers, before any fault disturbs it. A text body is sent as HTML; null sends no body and no type. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function toReply(body: unknown, status = 200): Reply {
  return { status, body };
}

/** The error envelope. */
export function toErrorReply(error: ApiError): Reply {
  const correlationId = randomUUID();
  return {
    status: error.status,
    body: { status: "error", message: error.message, correlationId, ...error.extra },
    headers: { "X-HubSpot-Correlation-Id": correlationId, ...error.headers },
  };
}

/** The page an edge server sends in place of JSON. */
export function toHtmlReply(status: number, title: string, headers: Readonly<Record<string, string>> = {}): Reply {
  const heading = `${status} ${title}`;
  return {
    status,
    body: `<html>\r\n<head><title>${heading}</title></head>\r\n<body>\r\n<center><h1>${heading}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n`,
    headers,
  };
}
