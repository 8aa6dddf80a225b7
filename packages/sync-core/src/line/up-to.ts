/**
 * What `--limit` lets through of a page's changed rows. Rows that did not change never count against it within their page, so
 * that a run with a limit smaller than a page goes on where the last one stopped instead of reading the same rows again.
 */
export function upTo<Row>(
  room: number,
  changed: readonly Row[],
): { readonly changed: readonly Row[]; readonly beyond: number } {
  const through = changed.slice(0, Math.max(0, room));
  return { changed: through, beyond: changed.length - through.length };
}
