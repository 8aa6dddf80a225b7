import { request, type IncomingHttpHeaders } from "node:http";
import { TOKEN } from "./serve-page.ts";

/** undefined: not sent. */
type Headers = Readonly<Record<string, string | undefined>>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: string;
}

/** One request as it is given, byte for byte: a path is not tidied up first, and headers a browser would not let a page set are sent. */
export async function ask(
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: Asking = {},
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path, method, headers: given(headers), agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => (text += part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

function given(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** As little of a browser as an attack needs: cookies, and forms that were really on a page. */
export interface Visitor {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Headers): Promise<Answer>;
  /** With the form token of the page that was got last, unless `fields` brings one. */
  post(path: string, fields?: Readonly<Record<string, string>>, headers?: Headers): Promise<Answer>;
  signIn(token?: string): Promise<Answer>;
}

export function createVisitor(port: number): Visitor {
  const cookies = new Map<string, string>();
  let csrf = "";
  const host = `127.0.0.1:${port}`;

  async function go(path: string, asking: Asking): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { host, accept: "text/html", ...(cookie === "" ? {} : { cookie }), ...asking.headers };
    const answer = await ask(port, path, { ...asking, headers });
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    csrf = /name="csrf" value="([^"]+)"/.exec(answer.text)?.[1] ?? csrf;
    return answer;
  }

  const visitor: Visitor = {
    cookies,
    get: (path, headers = {}) => go(path, { headers }),
    post: (path, fields = {}, headers = {}) =>
      go(path, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: `http://${host}`, ...headers },
        body: new URLSearchParams({ csrf, ...fields }).toString(),
      }),
    async signIn(token = TOKEN) {
      await visitor.get("/login");
      return await visitor.post("/login", { token });
    },
  };
  return visitor;
}
