/** The candidate that a misspelt name most likely meant; null when none is close. */
export function didYouMean(name: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A sentence part: ` Did you mean "x"?`, or what there is, or nothing. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const close = didYouMean(name, candidates);
  if (close !== null) return `Did you mean "${close}"?`;
  if (candidates.length === 0) return "There are none.";
  const shown = candidates.slice(0, 12).map((candidate) => `"${candidate}"`);
  return `There are: ${shown.join(", ")}${candidates.length > shown.length ? ` and ${candidates.length - shown.length} more` : ""}.`;
}

/** Levenshtein distance with neighbouring letters swapped counted once. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
