import { once } from "node:events";
import { createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

export interface RelayedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed; null when there was none. */
  readonly body: unknown;
}

export interface Relay {
  readonly url: string;
  /** What came through, oldest first. */
  readonly requests: readonly RelayedRequest[];
}

/** Passes everything on to `target`, and remembers it as it was on the wire. Closed when the test ends. */
export async function startRelay(target: string): Promise<Relay> {
  const requests: RelayedRequest[] = [];
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? "/", target);
    requests.push({
      method: request.method ?? "",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: body.length === 0 ? null : JSON.parse(body.toString()),
    });
    const onward = send(url, { method: request.method ?? "GET", headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.once("error", () => response.destroy());
    onward.end(body);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The relay has no port");
  return { url: `http://127.0.0.1:${address.port}`, requests };
}
