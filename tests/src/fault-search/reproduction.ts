/** How to see what a seed found, in one line. */
export function reproduction(seed: number): string {
  return `pnpm --filter @acme/tests fault-search --seed ${seed}`;
}
