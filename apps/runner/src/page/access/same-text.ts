import { createHash, timingSafeEqual } from "node:crypto";

/** Compares in a time that does not depend on where the texts differ, nor on how long they are. */
export function isSameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
