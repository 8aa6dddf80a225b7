/** ISO 8601 UTC text of a time in milliseconds. */
export function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
