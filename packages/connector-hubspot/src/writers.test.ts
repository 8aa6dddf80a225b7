import type { Control } from "@acme/hubspot-api";
import type { Cursor, Json, Page } from "@acme/sync-core";
import { differences, never, streamOf } from "@acme/test-servers";
import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE, startPortal, type TestPortal, truth } from "./__fixtures__/portal.ts";

/**
 * Somebody writes while we read, the index shows it late and out of order, runs end anywhere: in the end the destination must equal
 * the portal. Every seed is another story.
 */

const SEEDS = Number(process.env["HUBSPOT_SEEDS"] ?? 12);

function createDice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % sides;
  };
}

/** One change of somebody else's. */
function writeOnce(control: Control, roll: (sides: number) => number, gone: string[]): void {
  const live = control.records({ type: "contacts", properties: [] });
  const pick = (): string => live[roll(live.length)]?.id ?? "";
  const name = `v${roll(1_000_000)}`;
  const id = pick();
  switch (roll(14)) {
    case 0:
      control.create("contacts", { firstname: name });
      break;
    case 1: {
      const first = roll(live.length);
      const some = live.slice(first, first + 230).map((record) => record.id);
      control.updateMany("contacts", some, { firstname: name });
      break;
    }
    case 2:
      control.archive("contacts", id);
      gone.push(id);
      break;
    case 3: {
      const back = gone.pop();
      if (back !== undefined && control.record("contacts", back)?.archived === true) control.restore("contacts", back);
      break;
    }
    case 4: {
      const other = pick();
      if (other !== id) control.merge("contacts", id, other);
      break;
    }
    case 5:
      control.gdprDelete("contacts", id);
      break;
    case 6: {
      const [company = ""] = control.records({ type: "companies", limit: 1 }).map((record) => record.id);
      if (control.associated("contacts", id, "companies").includes(company)) {
        control.dissociate("contacts", id, "companies", company);
      } else control.associate("contacts", id, "companies", company);
      break;
    }
    default:
      control.update("contacts", id, { firstname: name });
  }
}

/** As the engine will do with `deletes: delete`: what a whole enumeration did not show is gone. */
class Destination {
  readonly held = new Map<string, Readonly<Record<string, Json>>>();
  #shown = new Set<string>();

  apply(page: Page): void {
    for (const row of page.rows) {
      if (row.deleted === true) this.held.delete(row.key);
      else this.held.set(row.key, row.fields);
      if (row.deleted !== true) this.#shown.add(row.key);
    }
    if (page.proved === null || page.proved.field !== null) return;
    for (const key of this.held.keys()) if (!this.#shown.has(key)) this.held.delete(key);
    this.#shown = new Set();
  }
}

async function tell(seed: number, portal: TestPortal): Promise<readonly string[]> {
  const { control, runtime } = portal;
  const roll = createDice(seed);
  const gone: string[] = [];
  const destination = new Destination();
  const makeSource = () =>
    portal.source({ pageRows: 100 + roll(3) * 150, archivedEveryMs: 3 * HOUR, mergedEveryMs: 5 * HOUR });
  let source = makeSource();
  const stream = await streamOf(source, ["firstname", "associations.companies"]);
  let cursor: Cursor = null;

  const run = async (isWritten: boolean): Promise<void> => {
    const pagesLeft = isWritten && roll(4) === 0 ? 1 + roll(4) : Number.POSITIVE_INFINITY;
    let pages = 0;
    for await (const page of source.read(stream, cursor, never)) {
      destination.apply(page);
      pages += 1;
      // What is in flight when a run ends was applied, and its cursor not stored.
      if (pages >= pagesLeft) break;
      cursor = JSON.parse(JSON.stringify(page.cursor));
      if (isWritten) for (let count = roll(4); count > 0; count -= 1) writeOnce(control, roll, gone);
      runtime.advance(roll(2000));
    }
  };

  for (let turn = 0; turn < 14; turn += 1) {
    await run(true);
    for (let count = roll(12); count > 0; count -= 1) writeOnce(control, roll, gone);
    runtime.advance(roll(90) * MINUTE);
    if (roll(3) === 0) source = makeSource();
  }
  // Quiet, until every sweep was due twice: a row that was shown and deleted since the last proof shows with the one after.
  for (let turn = 0; turn < 3; turn += 1) {
    runtime.advance(8 * DAY);
    await run(false);
  }

  const names = new Map([...destination.held].map(([key, fields]) => [key, fields["firstname"] ?? null]));
  const links = new Map(
    [...destination.held].map(([key, fields]) => [key, JSON.stringify(fields["associations.companies"])]),
  );
  const expectedLinks = new Map(
    [...destination.held.keys()].map((key) => [key, JSON.stringify(control.associated("contacts", key, "companies"))]),
  );
  return [...differences(truth(control, "contacts", "firstname"), names), ...differences(expectedLinks, links)];
}

describe("somebody writes meanwhile", () => {
  it.each(Array.from({ length: SEEDS }, (_item, index) => index + 1))("nothing is lost (seed %i)", async (seed) => {
    const roll = createDice(seed + 1000);
    const portal = await startPortal({
      portal: { contacts: 700, companies: 3, fullSchemas: false, seed },
      indexLagMs: { minMs: 0, maxMs: 50 * MINUTE },
      tieOrder: "unstable",
      searchValues: roll(2) === 0 ? "current" : "indexed",
      removedInSearch: (["absent", "shown", "thinned"] as const)[roll(3)] ?? "absent",
      mergedBatchRead: roll(2) === 0 ? "survivor" : "missing",
      mergeResult: roll(2) === 0 ? "primary" : "new",
      idOrder: roll(4) === 0 ? "text" : "numeric",
      requestLogSize: 10,
      logBodies: false,
    });
    try {
      expect(await tell(seed, portal)).toEqual([]);
      expect(portal.control.counts().limitsExceeded).toEqual({ TEN_SECONDLY_ROLLING: 0, SECONDLY: 0, DAILY: 0 });
    } finally {
      await portal.stop();
    }
  });

  it.each([1, 2, 3, 4])("changes alone are complete without any sweep (seed %i)", async (seed) => {
    const portal = await startPortal({
      portal: { contacts: 900, fullSchemas: false, seed },
      indexLagMs: { minMs: 0, maxMs: 55 * MINUTE },
      tieOrder: "unstable",
      requestLogSize: 10,
      logBodies: false,
    });
    try {
      const { control, runtime } = portal;
      const roll = createDice(seed);
      const source = portal.source({
        pageRows: 100,
        live: seed % 2 === 0,
        archivedEveryMs: false,
        mergedEveryMs: false,
        reconcileEveryMs: false,
      });
      const stream = await streamOf(source, ["firstname"]);
      const held = new Map<string, Json>();
      let cursor: Cursor = null;
      for (let turn = 0; turn < 25; turn += 1) {
        const isQuiet = turn > 20;
        for await (const page of source.read(stream, cursor, never)) {
          for (const row of page.rows) held.set(row.key, row.fields["firstname"] ?? null);
          cursor = JSON.parse(JSON.stringify(page.cursor));
          const live = control.records({ type: "contacts", properties: [] });
          for (let count = isQuiet ? 0 : roll(30); count > 0; count -= 1) {
            control.update("contacts", live[roll(live.length)]?.id ?? "", { firstname: `v${roll(100_000)}` });
            if (roll(10) === 0) control.create("contacts", { firstname: "new" });
            runtime.advance(roll(3));
          }
        }
        runtime.advance(isQuiet ? 2 * HOUR : roll(30) * MINUTE);
      }
      expect(differences(truth(control, "contacts", "firstname"), held)).toEqual([]);
    } finally {
      await portal.stop();
    }
  });
});
