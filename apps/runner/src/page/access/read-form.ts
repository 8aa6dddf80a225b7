import type { Context, Next } from "hono";
import { bodyLimit } from "hono/body-limit";
import { pageLimits } from "../page-limits.ts";

/** The fields of a form; of a field that comes twice the first. "too-large", "other": a body that is no form of ours. */
export async function readForm(c: Context): Promise<URLSearchParams | "too-large" | "other"> {
  const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return "other";
  let form: URLSearchParams | "too-large" = "too-large";
  const onError = () => new Response(null, { status: 413 });
  const read: Next = async () => {
    form = new URLSearchParams(await c.req.text());
  };
  await bodyLimit({ maxSize: pageLimits.maxBodyBytes, onError })(c, read);
  return form;
}
