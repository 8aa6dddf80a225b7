import type { ApiError } from "./api-error.ts";

/** What an answer holds. A stream is read once, at the pace of the receiver. */
export type Body =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly contentType: string; readonly text: string }
  | { readonly kind: "stream"; readonly contentType: string; readonly chunks: Iterable<string> };

/** What a handler answers, before any fault disturbs it. */
export interface Reply {
  readonly status: number;
  readonly body: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = "application/json;charset=UTF-8";
const HTML_TYPE = "text/html;charset=UTF-8";
export const CSV_TYPE = "text/csv";

export function toReply(value: unknown, status = 200): Reply {
  return toJsonText(JSON.stringify(value), status);
}

/** JSON that is written already. */
export function toJsonText(text: string, status = 200): Reply {
  return { status, body: { kind: "text", contentType: JSON_TYPE, text } };
}

export function toEmptyReply(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: { kind: "none" }, headers };
}

/** The error array of REST and Bulk API 2.0. */
export function toErrorReply({ status, message, errorCode, fields, headers }: ApiError): Reply {
  return { ...toReply([{ message, errorCode, ...(fields === undefined ? {} : { fields }) }], status), headers };
}

/** A page of the servers in front of the application. */
export function toHtmlReply(status: number, title: string): Reply {
  const text = `<html><head><title>Error ${status}</title></head><body><h1>Bad Message ${status}</h1><pre>reason: ${title}</pre></body></html>`;
  return { status, body: { kind: "text", contentType: HTML_TYPE, text } };
}

export function toXmlReply(text: string, status: number): Reply {
  return { status, body: { kind: "text", contentType: "text/xml; charset=utf-8", text } };
}
