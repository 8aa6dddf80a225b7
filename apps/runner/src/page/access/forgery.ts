import { createHmac } from "node:crypto";
import { isSameText } from "./same-text.ts";

/** Tells forms of our own from forms that another site makes a browser send. */
export interface ForgeryGuard {
  /** What a form carries; worth nothing in another session. */
  tokenFor(sessionId: string): string;
  isOurs(sessionId: string, token: string): boolean;
}

export function createForgeryGuard(secret: Uint8Array): ForgeryGuard {
  const tokenFor = (sessionId: string): string => createHmac("sha256", secret).update(sessionId).digest("base64url");
  return { tokenFor, isOurs: (sessionId, token) => isSameText(tokenFor(sessionId), token) };
}

/**
 * Whether a POST came from a page of this origin, by what the browser says of it. A browser that says neither is not believed.
 * Pure.
 */
export function isFromSameOrigin(headers: Headers, origins: readonly string[]): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") return false;
  const origin = headers.get("origin");
  // A browser may hide the origin (`null`); then its other word has to be there.
  if (origin === null || origin === "null") return site === "same-origin";
  return origins.includes(origin);
}
