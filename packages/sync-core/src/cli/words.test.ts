import { describe, expect, it } from "vitest";
import { toReceipt } from "./__fixtures__/reports.ts";
import { provedInWords } from "./proved-in-words.ts";
import { readBackInWords, receiptInWords, unseenInWords } from "./receipt-in-words.ts";

describe("provedInWords", () => {
  it.each([
    [null, "nothing is proved complete yet"],
    [{ field: null, after: null, through: null }, "the whole stream was read"],
    [{ field: "at", after: null, through: "5" }, "everything up to 5, by at"],
    [
      { field: "at", after: "1", through: "5", throughExclusive: true },
      "everything after 1 up to 5 (exclusive), by at",
    ],
  ])("%j", (proved, words) => expect(provedInWords(proved)).toBe(words));
});

describe("unseenInWords", () => {
  it.each([
    [
      { waiting: 1, givenUp: 0 },
      "1 record that was to be deleted is shown by no search (yet): later runs look again, for a day.",
    ],
    [
      { waiting: 0, givenUp: 2 },
      "2 records that were to be deleted were shown by no search for a day: taken not to be there.",
    ],
  ])("%j", (counts, words) => {
    expect(unseenInWords(counts)).toBe(words);
    expect(receiptInWords(toReceipt({ unseen: counts }))).toContain(words);
  });
});

describe("readBackInWords", () => {
  it.each([
    [{ records: 3, sentAgain: 0, differing: 0, unknown: 0 }, "3 records were read back after a lost reply: as sent."],
    [
      { records: 1, sentAgain: 1, differing: 1, unknown: 0 },
      "1 record was read back after a lost reply: 1 not as sent at first, so that their batches were sent once more and 1 not as sent even then, and parked.",
    ],
    [
      { records: 2, sentAgain: 0, differing: 0, unknown: 2 },
      "2 records were read back after a lost reply: 2 that could not be found or looked at, which says nothing.",
    ],
  ])("%j", (counts, words) => expect(readBackInWords(counts)).toBe(words));
});

describe("receiptInWords", () => {
  it("says what was read back", () => {
    const readBack = { records: 3, sentAgain: 0, differing: 0, unknown: 0 };
    expect(receiptInWords(toReceipt({ readBack }))).toContain("3 records were read back after a lost reply: as sent.");
  });

  it("says what became of every row, what it cost and what it waited for", () => {
    expect(receiptInWords(toReceipt())).toEqual([
      "Done; 8 rows landed.",
      "1,234 rows read: 1,220 unchanged, 4 left out by `where`, 1 parked and 9 sent.",
      "Of the rows sent, 8 landed and 1 refused and parked.",
      "Proved complete: everything up to 2026-11-22T01:59:00Z, by updated_at.",
      "12 calls, 21 units of the quota; 4,500 characters for AI extraction.",
      "Waited 1 min 1 s for the plan's minute.",
    ]);
  });

  it("says a wait once, however its reason begins", () => {
    const words = receiptInWords(toReceipt({ waitedMs: { "the last batch to land": 4000 } }));
    expect(words.at(-1)).toBe("Waited 4 s for the last batch to land.");
  });

  it("says what is not known yet", () => {
    const rows = { ...toReceipt().rows, landed: 3, refused: 0 };
    expect(receiptInWords(toReceipt({ rows }))[2]).toBe(
      "Of the rows sent, 3 landed and 6 not confirmed yet; the next run asks about them first.",
    );
  });
});
