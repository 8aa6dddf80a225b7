import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import type { TestOrg } from "./org.ts";

const REQUEST_START = "http.server.request.start";

/**
 * Does something right before the server takes up a request whose method and address match, the `nth` of them.
 * @returns ends it.
 */
export function onRequest({ api }: Pick<TestOrg, "api">, pattern: RegExp, nth: number, action: () => void): () => void {
  let seen = 0;
  const listen = (message: unknown): void => {
    if (typeof message !== "object" || message === null || !("request" in message)) return;
    const { request } = message;
    if (!(request instanceof IncomingMessage) || request.socket.localPort !== api.port) return;
    if (!pattern.test(decodeURIComponent(`${request.method} ${request.url}`))) return;
    seen += 1;
    if (seen === nth) action();
  };
  subscribe(REQUEST_START, listen);
  return () => void unsubscribe(REQUEST_START, listen);
}
