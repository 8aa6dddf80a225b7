/**
 * Seeds whose worlds show bugs that the connector or the engine once had. A seed means the same world only for as long as worlds are drawn
 * in the same way; what keeps such a bug found when that changes is its entry in planted-bugs.ts, or a test of its own.
 */
export const regressionSeeds: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 224, found: "a run whose answers were cut off now and then came to no end while others wrote" },
  { seed: 246, found: "rows behind a page that had moved were skipped when others left the index" },
  { seed: 282, found: "rows behind a page that had moved were skipped when ties came in another order" },
  { seed: 1158, found: "a reading of everything whose run was killed behind its last page was never complete" },
];
