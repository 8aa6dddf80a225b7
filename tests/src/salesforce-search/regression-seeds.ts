/**
 * Seeds whose worlds show bugs that the connector or the engine once had. A seed means the same world only for as long as worlds are drawn
 * in the same way; what keeps such a bug found when that changes is its entry in planted-bugs.ts, or a test of its own.
 */
export const regressionSeeds: readonly { readonly seed: number; readonly found: string }[] = [
  {
    seed: 25,
    found: "a Bulk job that was deleted while its result was read was taken for an object that is not there",
  },
  { seed: 32, found: "a limit whose answer was cut off was taken for a missing permission" },
  { seed: 110, found: "a full run that ended before its first page left an enumeration that others went on with" },
  { seed: 433, found: "a purge that was committed after a gap in the log had been made up for was missed" },
  { seed: 524, found: "a log that is refused while a transaction is open was taken for one with a gap" },
];
