import type { RunOutcome } from "@acme/sync-core";
import { NOW, parkedRow, sampleSync, type SampleSync, type Scene, underWay } from "./sample-syncs.ts";

const HOUR = 3_600_000;
const good = (count: number): RunOutcome[] => Array.from({ length: count }, () => "done");

const quota = [
  {
    syncs: ["customers", "companies", "deals"],
    month: "2026-11",
    used: 171_204,
    limit: 250_000,
    perMinute: 240,
    backOffUntil: null,
  },
];

export const empty: Scene = { syncs: [], quota: [] };

/** A dozen syncs on an ordinary morning. */
export const usual: Scene = {
  quota,
  syncs: [
    sampleSync("customers", "postgres", ["done-with-parked", ...good(6), "gave-up", ...good(12)], {
      parked: [
        parkedRow("18220", "no-identity", "no identity: `email` is empty", 50),
        parkedRow("18231", "no-identity", "no identity: `email` is empty", 49),
        parkedRow("9041", "refused", "Personize refused the property `lifetime_value`: expected a number", 20),
        parkedRow("17733", "too-large", "the row is 1.4 MB; a record may hold 1 MB", 3),
      ],
    }),
    underWay(sampleSync("companies", "hubspot", good(20), { size: 64_000 }), 21_400, 64_000),
    sampleSync("deals", "hubspot", good(14), { size: 7300, schedule: "0 * * * *", everyMs: HOUR }),
    sampleSync("invoices", "postgres", ["failed", "failed", "failed", ...good(17)], {
      size: 120_400,
      warnings: ["failed 3 times in a row", "not fresh for 45 min; expected within 30 min"],
    }),
    sampleSync("contacts-emea", "salesforce", ["quota", ...good(9)], {
      size: 31_000,
      waitingFor: "the month's quota: 2 d 14 h",
    }),
    sampleSync("tickets", "mysql", good(20), {
      size: 2210,
      state: "queued",
      waitingFor: "memory: 2 other syncs are running",
    }),
    sampleSync("archive-2019", "mysql", good(3), {
      size: 902_113,
      state: "paused",
      nextRunAt: null,
      everyMs: 24 * HOUR,
    }),
    sampleSync("owners", "hubspot", good(20), { size: 84 }),
    sampleSync("one-off-import", "postgres", [], { schedule: null, nextRunAt: null }),
    sampleSync("products", "postgres", ["interrupted", ...good(11)], { size: 5120, unsettledBatches: 2 }),
  ],
};

/** 300 syncs, most of them well. */
export const many: Scene = {
  quota: [
    ...quota,
    { syncs: [], month: "2026-11", used: 1_904_000, limit: 2_000_000, perMinute: 1000, backOffUntil: NOW + 42_000 },
  ],
  syncs: Array.from({ length: 300 }, (_, index): SampleSync => {
    const name = `tenant-${String(index + 1).padStart(3, "0")}-${["customers", "deals", "tickets"][index % 3] ?? ""}`;
    const connector = ["postgres", "hubspot", "mysql"][index % 3] ?? "";
    const size = ((index * 7919) % 50_000) + 40;
    if (index % 61 === 13) return sampleSync(name, connector, ["failed", ...good(12)], { size });
    if (index % 47 === 5)
      return sampleSync(name, connector, ["done-with-parked", ...good(15)], {
        size,
        parked: [parkedRow("77", "refused", "refused", 2)],
      });
    if (index % 75 === 20) return underWay(sampleSync(name, connector, good(19), { size }), size / 2, size);
    if (index % 90 === 33) return sampleSync(name, connector, good(4), { size, state: "paused", nextRunAt: null });
    return sampleSync(name, connector, good(8 + (index % 13)), { size });
  }),
};

/** Nothing works. */
export const failing: Scene = {
  quota: [
    {
      syncs: ["customers", "deals"],
      month: "2026-11",
      used: 10_000,
      limit: 10_000,
      perMinute: 60,
      backOffUntil: NOW + 95_000,
    },
  ],
  syncs: [
    sampleSync("customers", "postgres", ["failed", "failed", "failed", "failed"], {
      warnings: ["failed 4 times in a row"],
    }),
    sampleSync("deals", "hubspot", ["gave-up", "gave-up", "failed", ...good(5)], { size: 900 }),
    sampleSync("tickets", "mysql", ["quota", "quota"], { waitingFor: "the month's quota: 2 d 14 h" }),
  ],
};

export const SCRIPT = `<script>document.title = "owned"</script>`;
export const BREAKOUT = `"><img src=x onerror="document.title='owned'">' onmouseover='document.title="owned"`;
export const BIDI = "invoice\u202Egnp.exe\u2066\u200Bzero\u0000nul\r\nSet-Cookie: owned=1";
const LONG = "x".repeat(20_000);

/** Keys, names, reasons and words of a hostile source. */
export const hostile: Scene = {
  quota: [{ syncs: [SCRIPT, BREAKOUT], month: "2026-11", used: 12, limit: null, perMinute: null, backOffUntil: null }],
  syncs: [
    underWay(
      sampleSync("customers", BREAKOUT, ["failed", "done"], {
        parked: [
          parkedRow(SCRIPT, SCRIPT, SCRIPT, 3),
          parkedRow(BREAKOUT, "refused", BREAKOUT, 3),
          parkedRow(BIDI, "refused", BIDI, 3),
          parkedRow(LONG, LONG, LONG, 3),
          parkedRow("../../etc/passwd?x=1#y", "refused", "{{7*7}} ${7*7} javascript:alert(1)", 3),
          parkedRow("\uD800half", "refused", "עברית ثم العربية", 3),
          parkedRow("", "refused", "Z̸̡̛̗̲͕̜̖͈̗̪̱̀̄̈́̑̃a̷̧̢̛̱̹̘͕̠̿̂̈́̀̅͒͗͋̚ļ̴̧̛̺͕̰͇̲̗̃͑̑͗̏̕g̵̨̢̛̛͎͇̺̟̰̥̪̔̒͑͗̈́o̶̧̡̯̙̫̲̲̔̑̈́̄́̈", 3),
        ],
        warnings: [SCRIPT, BREAKOUT, LONG],
        schedule: BREAKOUT,
      }),
      400,
      1000,
      SCRIPT,
    ),
    sampleSync("a".repeat(100), "postgres", ["done"]),
    sampleSync(BIDI, "postgres", ["done"], { waitingFor: BIDI }),
    sampleSync(SCRIPT, "postgres", ["failed"], { warnings: [BREAKOUT] }),
  ],
};
