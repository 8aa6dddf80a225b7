import type { IdentityKind } from "../contracts/mapping.ts";

/**
 * The form under which the destination takes two identity values for the same: email addresses compare without case,
 * web sites by their bare domain, other keys as they are (reference section 11). Surrounding white space never counts.
 * Used to keep one record out of a batch twice, never sent.
 * @returns null when nothing is left that could identify anybody.
 */
export function normaliseIdentity(kind: IdentityKind, value: string): string | null {
  const trimmed = value.trim();
  if (trimmed === "") return null;
  if (kind === "email") return trimmed.toLowerCase();
  if (kind === "website") {
    const domain = trimmed
      .toLowerCase()
      .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
      .replace(/^www\./, "")
      .replace(/[/?#].*$/, "")
      .replace(/:\d+$/, "");
    return domain === "" ? null : domain;
  }
  return trimmed;
}
