/** What became of one world. */
export interface SeedResult {
  readonly seed: number;
  /** Empty: everything is as it should be. */
  readonly problems: readonly string[];
  /** Empty unless the seed was run to be told. */
  readonly timeline: readonly string[];
  readonly runs: number;
  readonly kills: number;
}
