/**
 * Seeds on which bugs of the engine were found, run before all others. A seed means the same world for as long as the
 * simulation draws its worlds in the same way; what keeps a bug found when that changes is its entry in planted-bugs.ts.
 */
export const regressionSeeds: readonly { readonly seed: number; readonly found: string }[] = [];
