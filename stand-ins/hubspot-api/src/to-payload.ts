/** The bytes of a body, and what type it is said to be. */
export function toPayload(body: unknown): { readonly payload: Buffer; readonly contentType: string | undefined } {
  if (body === null) return { payload: Buffer.alloc(0), contentType: undefined };
  if (typeof body === "string") return { payload: Buffer.from(body), contentType: "text/html; charset=utf-8" };
  return { payload: Buffer.from(JSON.stringify(body)), contentType: "application/json;charset=utf-8" };
}
