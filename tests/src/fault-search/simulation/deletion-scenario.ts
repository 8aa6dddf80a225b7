import { createDice } from "./dice.ts";

/** What chance decides about a world whose sync deletes the records of rows that are gone. */
export interface DeletionScenario {
  /** What is left of a row: nothing, a version that says so, or now this, now that. */
  readonly how: "hard" | "marked" | "both";
  /** Probabilities: that a change is the end of its row, and that an insert is a row that was gone. */
  readonly rowsGo: number;
  readonly rowsComeBack: number;
  readonly blindness: Blindness | null;
  /** Share of the landed rows that a run may delete; never less than 20 rows. */
  readonly maxShare: number;
  /** A record that is written after it was deleted has its old values again. */
  readonly recordsComeBack: boolean;
  /** Records of persons whom the source may come to know, written by others before. */
  readonly strangers: number;
}

/**
 * How the source fails to show rows that are there, for a while:
 * `pages` readings leave some out and claim to be complete, questions by key are answered;
 * `honest` neither shows them, and the source knows that rows are hidden from it: its readings prove nothing;
 * `everything` neither shows any row, as if the table had been emptied;
 * `most` neither shows more than a handful, and more are hidden than a run may delete;
 * `filter` the options of the source were edited, and leave rows out.
 * All but the first begin between two runs: nobody could tell the rows that they hide from rows that are gone, if some of the
 * same reading had been shown before.
 */
export type Blindness = "pages" | "honest" | "everything" | "most" | "filter";

/** The least that a run may delete, whatever the share: as the engine states it. */
export const FEWEST_ALLOWED = 20;

/** Two of seven worlds delete. Dice of its own: the others stay as they were before there were any. */
export function drawDeletions(seed: number, calm: boolean): DeletionScenario | null {
  const dice = createDice(seed, "deletions");
  if (!dice.chance(2 / 7)) return null;
  const blindness = dice.pick<Blindness | null>(["pages", "pages", "honest", "everything", "most", "filter", null]);
  return {
    how: dice.pick(["hard", "marked", "both"]),
    rowsGo: dice.pick([0.05, 0.2, 0.4]),
    rowsComeBack: dice.pick([0, 0.3, 0.7]),
    blindness: calm ? null : blindness,
    maxShare: dice.pick([0.05, 0.5]),
    strangers: dice.int(0, 3),
    recordsComeBack: dice.chance(0.5),
  };
}
