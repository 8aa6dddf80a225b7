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
  { seed: 238, found: "a row that came back left its old texts in a record of which nothing was known any more" },
  { seed: 789, found: "whoever had lost the claim tried once more, and its old version landed over a newer one" },
  { seed: 790, found: "a record of somebody else's was deleted, since a row in doubt was remembered under it" },
  { seed: 4530, found: "a changed filter was taken over with a reading of the one before" },
  { seed: 4796, found: "an older version that landed took back the parking of a row that had lost its identity" },
  { seed: 10_919, found: "a row that retry had sent when it was killed was parked no longer, and never read again" },
  { seed: 26_337, found: "an interrupt was not heard by a run that waited because the credits had run out" },
];
