/**
 * Seeds whose worlds show bugs that the engine once had, run by themselves besides the search. A seed means the same world only
 * for as long as worlds are drawn in the same way; what keeps such a bug found when that changes is its entry in planted-bugs.ts.
 */
export const regressionSeeds: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 1, found: "a row that became another record left its texts behind" },
  { seed: 2, found: "a row that went back to what had landed stayed at the version of a batch whose fate was unknown" },
  { seed: 8, found: "rows that lost to another of their record were forgotten when the run was cut short" },
  { seed: 12, found: "a batch that the service lost sight of landed over a newer version" },
  { seed: 60, found: "a batch without an answer landed over a newer version" },
  { seed: 96, found: "what may still land was forgotten with the process" },
  { seed: 789, found: "whoever had lost the claim tried once more, and its old version landed over a newer one" },
  { seed: 4796, found: "an older version that landed took back the parking of a row that had lost its identity" },
  { seed: 26_337, found: "an interrupt was not heard by a run that waited because the credits had run out" },
];
