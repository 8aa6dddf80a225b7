import type { Context, Next } from "hono";
import { bodyLimit } from "hono/body-limit";
import { pageLimits } from "../page-limits.ts";

/** The fields of a form. "too-large", "other": a body that is no form of ours; "torn": whoever sent it went away or was too slow. */
export async function readForm(c: Context): Promise<URLSearchParams | "too-large" | "other" | "torn"> {
  const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return "other";
  let form: URLSearchParams | "too-large" = "too-large";
  const onError = () => new Response(null, { status: 413 });
  const read: Next = async () => {
    form = new URLSearchParams(await c.req.text());
  };
  try {
    await bodyLimit({ maxSize: pageLimits.maxBodyBytes, onError })(c, read);
    return form;
  } catch (error) {
    if (c.req.raw.signal.aborted || (error instanceof Error && "code" in error && error.code === "ECONNRESET"))
      return "torn";
    throw error;
  }
}
