const SHORTEST_SECRET = 4;

/**
 * Leaves out what is secret, and what looks as if it were: anything after `Bearer`, addresses of people, and what the vendor's tokens
 * look like. Pure.
 * @param secrets those of fewer than four characters are not looked for: they would blot out words.
 * @param tokens what the vendor's tokens look like, as global expressions.
 */
export function redact(text: string, secrets: readonly string[], tokens: readonly RegExp[]): string {
  // The longest first: one may begin with another.
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .toSorted((left, right) => right.length - left.length)
    .reduce((rest, secret) => rest.replaceAll(secret, "(redacted)"), text);
  return tokens
    .reduce((rest, token) => rest.replaceAll(token, "(redacted)"), known)
    .replaceAll(/\bBearer\s+\S+/gi, "Bearer (redacted)")
    .replaceAll(/[\w.+-]+@[\w-]+\.[\w.]+/g, "(address)");
}
