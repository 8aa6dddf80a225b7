import { ConfigError } from "@acme/sync-core";
import { createReader, deletedOf, differences, heldValues, keysOf, never, readAll, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE, startPortal, type TestPortal, TODAY, truth } from "./__fixtures__/portal.ts";

/** What a modified date does not show. */

let portal: TestPortal | null = null;
afterEach(async () => {
  await portal?.stop();
  portal = null;
});

async function start(options: Parameters<typeof startPortal>[0] = {}): Promise<TestPortal> {
  portal = await startPortal(options);
  return portal;
}

const SMALL = { fullSchemas: false } as const;
/** Nothing but the passes by date. */
const NO_SWEEPS = {
  archivedEveryMs: false,
  mergedEveryMs: false,
  associationsEveryMs: false,
  calculatedEveryMs: false,
  reconcileEveryMs: false,
} as const;

function idsOf({ control }: TestPortal, type = "contacts", limit = 5): string[] {
  return control.records({ type, limit }).map((record) => record.id);
}

describe("archived records", () => {
  it.each(["deals", "contacts", "notes"])("P15 one of %s that is archived is told by the sweep", async (object) => {
    const at = await start({ portal: { contacts: 30, deals: 30, notes: 30, ...SMALL } });
    const hubspot = at.source({ object, archivedEveryMs: HOUR });
    const reader = createReader(hubspot, await streamOf(hubspot));
    await reader.run();
    const [gone] = idsOf(at, object);
    at.control.archive(object, gone ?? "");
    at.runtime.advance(10 * MINUTE);
    expect(deletedOf(await reader.run())).toEqual([]);
    at.runtime.advance(HOUR);
    expect(deletedOf(await reader.run())).toEqual([gone]);
    expect(reader.held.has(gone ?? "")).toBe(false);
  });

  it("P16 records archived long ago are not told again and again", async () => {
    const at = await start({ portal: { contacts: 100, archivedShare: 0.5, ...SMALL } });
    const hubspot = at.source({ archivedEveryMs: HOUR, reconcileEveryMs: false });
    const reader = createReader(hubspot, await streamOf(hubspot));
    await reader.run();
    const [gone] = idsOf(at);
    at.runtime.advance(2 * HOUR);
    at.control.archive("contacts", gone ?? "");
    at.runtime.advance(5 * MINUTE);
    const told: string[] = [];
    for (let day = 0; day < 8; day += 1) {
      told.push(...deletedOf(await reader.run()));
      at.runtime.advance(3 * HOUR);
    }
    expect(told).toEqual([gone]);
  });

  it("P17 a restored record comes back with the reconciliation, whether or not its date moved", async () => {
    const at = await start({ portal: { contacts: 20, ...SMALL }, restoreTouches: false });
    const hubspot = at.source({ archivedEveryMs: HOUR, reconcileEveryMs: DAY });
    const reader = createReader(hubspot, await streamOf(hubspot));
    await reader.run();
    const [id = ""] = idsOf(at);
    at.control.archive("contacts", id);
    at.runtime.advance(2 * HOUR);
    await reader.run();
    expect(reader.held.has(id)).toBe(false);
    at.control.restore("contacts", id);
    at.runtime.advance(DAY);
    await reader.run();
    expect(reader.held.has(id)).toBe(true);
  });

  it("goes on where it was when activities cannot be listed once archived, and says so", async () => {
    const at = await start({ portal: { notes: 20, ...SMALL }, engagementArchivedList: "reject" });
    const hubspot = at.source({ object: "notes", archivedEveryMs: HOUR });
    const reader = createReader(hubspot, await streamOf(hubspot));
    await reader.run();
    at.runtime.advance(2 * HOUR);
    const notices = (await reader.run()).flatMap((page) => page.notices ?? []);
    expect(notices.join(" ")).toContain("does not list archived notes");
  });

  it("sweeps resume at their page", async () => {
    const at = await start({ portal: { contacts: 3000, ...SMALL } });
    const hubspot = at.source({ ...NO_SWEEPS, archivedEveryMs: HOUR });
    const reader = createReader(hubspot, await streamOf(hubspot));
    await reader.run();
    const gone = idsOf(at, "contacts", 2500);
    for (const id of gone) at.control.archive("contacts", id);
    at.runtime.advance(2 * HOUR);
    for (let runs = 0; runs < 12; runs += 1) await reader.run(3);
    expect([...reader.held.keys()].filter((key) => gone.includes(key))).toEqual([]);
    expect(reader.held.size).toBe(500);
  });
});

describe("deleted for good", () => {
  it("P18 the reconciliation shows every live record and nothing else, and says that it was complete", async () => {
    const at = await start({ portal: { contacts: 250, ...SMALL } });
    const hubspot = at.source({ reconcileEveryMs: DAY });
    const stream = await streamOf(hubspot);
    const reader = createReader(hubspot, stream);
    await reader.run();
    const [gone = ""] = idsOf(at);
    at.control.gdprDelete("contacts", gone);
    at.runtime.advance(DAY + HOUR);
    const pages = await reader.run();
    expect(pages.some((page) => page.proved !== null && page.proved.field === null)).toBe(true);
    const shown = new Set(keysOf(pages));
    expect(shown.has(gone)).toBe(false);
    expect(shown.size).toBe(249);
    // By key, the engine may ask at any time.
    expect(await hubspot.lookup(stream, [gone], never)).toEqual([]);
  });

  it("P18 a record that is deleted between search and read is told as deleted", async () => {
    const at = await start({ portal: { contacts: 50, ...SMALL }, removedInSearch: "shown", indexLagMs: 10 * MINUTE });
    const hubspot = at.source({ ...NO_SWEEPS });
    const reader = createReader(hubspot, await streamOf(hubspot));
    await reader.run();
    const [id = ""] = idsOf(at);
    at.control.update("contacts", id, { firstname: "x" });
    at.runtime.advance(2 * HOUR);
    at.control.gdprDelete("contacts", id);
    expect(deletedOf(await reader.run())).toContain(id);
  });

  it("P18 a record that an answer leaves out without a word is not taken for deleted: the read ends, and goes on later", async () => {
    const at = await start({ portal: { contacts: 50, ...SMALL } });
    const hubspot = at.source({ ...NO_SWEEPS });
    const stream = await streamOf(hubspot, ["firstname"]);
    const reader = createReader(hubspot, stream);
    await reader.run();
    const [id = ""] = idsOf(at);
    at.control.update("contacts", id, { firstname: "x" });
    at.runtime.advance(2 * HOUR);
    const silence = { kind: "custom", path: "/batch/read$", status: 200, times: 1000 } as const;
    const fault = at.control.addFault({ ...silence, body: { status: "COMPLETE", results: [] } });
    await expect(reader.run()).rejects.toMatchObject({ kind: "transient" });
    await expect(hubspot.lookup(stream, [id], never)).rejects.toMatchObject({ kind: "transient" });
    expect(reader.held.has(id)).toBe(true);
    at.control.removeFault(fault);
    expect(deletedOf(await reader.run())).toEqual([]);
    expect(reader.held.get(id)).toMatchObject({ firstname: "x" });
  });
});

describe("merged records", () => {
  it("P19 the loser is told as deleted, from the union of both merge properties", async () => {
    const at = await start({ portal: { contacts: 30, ...SMALL }, mergedVids: "latest" });
    const hubspot = at.source({ ...NO_SWEEPS });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const [winner = "", first = "", second = ""] = idsOf(at);
    at.control.merge("contacts", winner, first);
    at.control.merge("contacts", winner, second);
    at.runtime.advance(2 * HOUR);
    const pages = await reader.run();
    expect(new Set(deletedOf(pages))).toEqual(new Set([first, second]));
    expect(differences(truth(at.control, "contacts", "firstname"), heldValues(reader, "firstname"))).toEqual([]);
  });

  it("P19 the sweep finds what the passes by date did not", async () => {
    const at = await start({ portal: { contacts: 30, ...SMALL } });
    const hubspot = at.source({ ...NO_SWEEPS, mergedEveryMs: HOUR });
    const stream = await streamOf(hubspot);
    const reader = createReader(hubspot, stream);
    await reader.run();
    const [winner = "", loser = ""] = idsOf(at);
    // Dated before the enumeration began, and searchable after it had ended.
    at.control.merge("contacts", winner, loser, { atMs: TODAY - 30 * MINUTE });
    at.runtime.advance(30 * MINUTE);
    expect(deletedOf(await reader.run())).toEqual([]);
    at.runtime.advance(HOUR);
    expect(deletedOf(await reader.run())).toEqual([loser]);
  });

  it("P19 an empty page that says there is more is no end of the sweep", async () => {
    const at = await start({ portal: { contacts: 30, ...SMALL } });
    const hubspot = at.source({ ...NO_SWEEPS, mergedEveryMs: HOUR });
    const reader = createReader(hubspot, await streamOf(hubspot));
    await reader.run();
    const [winner = "", loser = ""] = idsOf(at);
    // Dated before the enumeration began, so that no pass by date shows it.
    at.control.merge("contacts", winner, loser, { atMs: TODAY - 30 * MINUTE });
    at.runtime.advance(2 * HOUR);
    at.control.addFault({ kind: "empty-page", path: "/search$", probability: 0.6, seed: 3 });
    expect(deletedOf(await reader.run())).toEqual([loser]);
  });

  it("P19 losers of a record that was archived before anybody saw the merge are told with it", async () => {
    const at = await start({ portal: { contacts: 30, ...SMALL }, indexLagMs: 10 * MINUTE });
    const hubspot = at.source({ ...NO_SWEEPS, archivedEveryMs: HOUR, mergedEveryMs: HOUR });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const [winner = "", first = "", second = ""] = idsOf(at);
    at.control.merge("contacts", winner, first);
    at.control.merge("contacts", winner, second);
    at.control.archive("contacts", winner);
    at.runtime.advance(2 * HOUR);
    expect(new Set(deletedOf(await reader.run()))).toEqual(new Set([winner, first, second]));
    expect(differences(truth(at.control, "contacts", "firstname"), heldValues(reader, "firstname"))).toEqual([]);
  });

  it("P20 a merge that makes a new record leaves that one only", async () => {
    const at = await start({ portal: { deals: 20, ...SMALL }, mergeResult: "new-for-deals" });
    const hubspot = at.source({ object: "deals", ...NO_SWEEPS });
    const reader = createReader(hubspot, await streamOf(hubspot, ["dealname"]));
    await reader.run();
    const [one = "", two = ""] = idsOf(at, "deals");
    const made = at.control.merge("deals", one, two);
    expect([one, two]).not.toContain(made);
    at.runtime.advance(2 * HOUR);
    await reader.run();
    expect(reader.held.has(made)).toBe(true);
    expect(differences(truth(at.control, "deals", "dealname"), heldValues(reader, "dealname"))).toEqual([]);
  });

  it.each(["survivor", "missing"] as const)(
    "P21 reading by an old id never stores the survivor under it (%s)",
    async (mergedBatchRead) => {
      const at = await start({ portal: { contacts: 20, ...SMALL }, mergedBatchRead });
      const hubspot = at.source();
      const stream = await streamOf(hubspot, ["firstname"]);
      const [winner = "", loser = "", other = ""] = idsOf(at);
      at.control.merge("contacts", winner, loser);
      expect((await hubspot.lookup(stream, [loser], never)).map((row) => row.key)).toEqual([]);
      expect((await hubspot.lookup(stream, [loser, other], never)).map((row) => row.key)).toEqual([other]);
      const both = await hubspot.lookup(stream, [loser, winner], never);
      expect(both.map((row) => row.key)).toEqual([winner]);
      expect(both[0]?.fields["hs_object_id"]).toBe(winner);
    },
  );

  it("P21 a merge between search and read: the survivor under its own key, the loser deleted", async () => {
    const at = await start({ portal: { contacts: 20, ...SMALL }, removedInSearch: "shown", indexLagMs: 30 * MINUTE });
    const hubspot = at.source({ ...NO_SWEEPS });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const [winner = "", loser = ""] = idsOf(at);
    at.control.update("contacts", loser, { firstname: "loser" });
    at.runtime.advance(2 * HOUR);
    at.control.merge("contacts", winner, loser);
    const pages = await reader.run();
    expect(deletedOf(pages)).toContain(loser);
    expect(keysOf(pages)).toContain(winner);
  });
});

describe("associations", () => {
  const FIELDS = ["associations.companies", "associations.companies.labels"];

  it("P22 a link that moves no date is read by the sweep, and a removed one goes", async () => {
    const at = await start({ portal: { contacts: 20, companies: 5, ...SMALL }, associationTouches: false });
    const hubspot = at.source({ ...NO_SWEEPS, associationsEveryMs: HOUR });
    const reader = createReader(hubspot, await streamOf(hubspot, FIELDS));
    await reader.run();
    const [contact = ""] = idsOf(at);
    for (const company of at.control.associated("contacts", contact, "companies")) {
      at.control.dissociate("contacts", contact, "companies", company);
    }
    const [company = ""] = idsOf(at, "companies");
    at.control.associate("contacts", contact, "companies", company);
    at.runtime.advance(30 * MINUTE);
    await reader.run();
    at.runtime.advance(40 * MINUTE);
    await reader.run();
    expect(reader.held.get(contact)?.["associations.companies"]).toEqual([company]);
    at.control.dissociate("contacts", contact, "companies", company);
    at.runtime.advance(2 * HOUR);
    await reader.run();
    expect(reader.held.get(contact)?.["associations.companies"]).toEqual([]);
  });

  it("P23 a company with several association types stands once, its labels together", async () => {
    const at = await start({ portal: { contacts: 3, companies: 3, ...SMALL } });
    const [contact = ""] = idsOf(at);
    const [one = "", two = ""] = idsOf(at, "companies");
    for (const company of at.control.associated("contacts", contact, "companies")) {
      at.control.dissociate("contacts", contact, "companies", company);
    }
    at.control.associate("contacts", contact, "companies", one, "Decision maker");
    at.control.associate("contacts", contact, "companies", one, "Billing");
    at.control.associate("contacts", contact, "companies", two);
    const hubspot = at.source();
    const reader = createReader(hubspot, await streamOf(hubspot, FIELDS));
    await reader.run();
    const held = reader.held.get(contact);
    expect(held?.["associations.companies"]).toEqual([one, two].toSorted((a, b) => Number(a) - Number(b)));
    const labels = held?.["associations.companies.labels"];
    expect(labels).toMatchObject({ [one]: expect.arrayContaining(["Billing", "Decision maker"]) });
  });

  it("P24 records without associations have an empty list, whatever the order of the answer", async () => {
    const at = await start({ portal: { contacts: 250, companies: 20, ...SMALL } });
    const hubspot = at.source();
    const reader = createReader(hubspot, await streamOf(hubspot, FIELDS));
    await reader.run();
    let without = 0;
    for (const [key, fields] of reader.held) {
      const expected = at.control.associated("contacts", key, "companies");
      expect(fields["associations.companies"]).toEqual(expected);
      if (expected.length === 0) without += 1;
    }
    expect(without).toBeGreaterThan(0);
  });

  it("P25 all targets of a record with many pages of them are read", async () => {
    const at = await start({ portal: { companies: 2, contacts: 130, ...SMALL }, associationPageSize: 20 });
    const [company = ""] = idsOf(at, "companies");
    for (const contact of idsOf(at, "contacts", 130)) at.control.associate("companies", company, "contacts", contact);
    const hubspot = at.source({ object: "companies" });
    const reader = createReader(hubspot, await streamOf(hubspot, ["associations.contacts"]));
    await reader.run();
    expect(reader.held.get(company)?.["associations.contacts"]).toHaveLength(130);
  });
});

describe("calculated properties and definitions", () => {
  it("P29 a rollup that changes daily without moving the date is read again, also where calculated says false", async () => {
    const at = await start({ portal: { contacts: 20 } });
    const name = "num_associated_deals";
    const hubspot = at.source({ ...NO_SWEEPS, calculatedEveryMs: DAY });
    const reader = createReader(hubspot, await streamOf(hubspot, [name]));
    await reader.run();
    const [id = ""] = idsOf(at);
    at.control.update("contacts", id, { [name]: "17" }, { touch: false });
    at.runtime.advance(2 * HOUR);
    await reader.run();
    expect(reader.held.get(id)?.[name]).not.toBe("17");
    at.runtime.advance(DAY);
    await reader.run();
    expect(reader.held.get(id)?.[name]).toBe("17");
  });

  it("sweeps only what the mapping uses: no calculated field, no pass for it", async () => {
    const at = await start({ portal: { contacts: 300, ...SMALL } });
    const hubspot = at.source({ reconcileEveryMs: false, archivedEveryMs: false, mergedEveryMs: false });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    at.runtime.advance(40 * DAY);
    const before = at.control.counts().calls.list;
    expect(keysOf(await reader.run())).toEqual([]);
    expect(at.control.counts().calls.list - before).toBeLessThanOrEqual(1);
  });

  it("a field that is new in the mapping is read for all records", async () => {
    const at = await start({ portal: { contacts: 120, ...SMALL } });
    const hubspot = at.source({ ...NO_SWEEPS });
    const reader = createReader(hubspot, await streamOf(hubspot, ["firstname"]));
    await reader.run();
    const wider = await streamOf(hubspot, ["firstname", "lastname"]);
    at.runtime.advance(2 * HOUR);
    expect(new Set(keysOf(await readAll(hubspot, wider, reader.cursor()))).size).toBe(120);
  });

  it("P47 a property that is archived stops the run with its name instead of going silent", async () => {
    const at = await start({ portal: { contacts: 5, ...SMALL } });
    const hubspot = at.source();
    const stream = await streamOf(hubspot, ["firstname"]);
    await readAll(hubspot, stream);
    at.control.archiveProperty("contacts", "firstname");
    at.runtime.advance(2 * HOUR);
    const failed = readAll(hubspot, stream);
    await expect(failed).rejects.toThrow(ConfigError);
    await expect(failed).rejects.toThrow(/firstname/);
  });
});

describe("definitions that change during a run", () => {
  it("P47 a property that is archived in the middle of a run is not read as empty", async () => {
    const at = await start({ portal: { contacts: 500, ...SMALL } });
    const hubspot = at.source({ pageRows: 100 });
    const stream = await streamOf(hubspot, ["firstname"]);
    const names: unknown[] = [];
    const reading = (async () => {
      for await (const page of hubspot.read(stream, null, never)) {
        names.push(...page.rows.map((row) => row.fields["firstname"]));
        at.control.archiveProperty("contacts", "firstname");
      }
    })();
    await expect(reading).rejects.toThrow(/no property "firstname"/);
    expect(names.filter((name) => typeof name === "string").length).toBeGreaterThan(0);
  });

  it("P47 where properties without a value are left out of answers, they are empty and not gone", async () => {
    const at = await start({ portal: { contacts: 300, ...SMALL }, emptyValue: "omitted" });
    at.control.defineProperty("contacts", { name: "never_filled", type: "string" });
    const hubspot = at.source({ pageRows: 100 });
    const pages = await readAll(hubspot, await streamOf(hubspot, ["never_filled"]));
    expect(pages.flatMap((page) => page.rows).every((row) => row.fields["never_filled"] === null)).toBe(true);
    expect(at.control.counts().calls.properties).toBe(2);
  });
});

describe("kinds of objects", () => {
  it("P45 a custom object called like a standard one is a stream of its own", async () => {
    const at = await start({ portal: { contacts: 3, ...SMALL } });
    const full = at.control.defineCustomObject({ name: "contacts" });
    at.control.create(full, {});
    const names = (await at.source({ object: undefined }).streams(never)).map((stream) => stream.name);
    expect(names).toContain("contacts");
    expect(names).toContain(full);
    expect(new Set(names).size).toBe(names.length);
    const custom = at.source({ object: full });
    expect(keysOf(await readAll(custom, await streamOf(custom)))).toHaveLength(1);
    const standard = at.source({ object: "contacts" });
    expect(keysOf(await readAll(standard, await streamOf(standard)))).toHaveLength(3);
  });

  it("P46 archived owners are read too, without a user id", async () => {
    const at = await start({ portal: { owners: 5, ...SMALL } });
    const owners = at.source({ object: "owners" });
    const [stream] = await owners.streams(never);
    if (stream === undefined) throw new Error("no stream");
    const pages = await readAll(owners, stream);
    const rows = pages.flatMap((page) => page.rows);
    expect(rows).toHaveLength(5);
    const archived = rows.filter((row) => row.fields["archived"] === true);
    expect(archived).toHaveLength(1);
    expect(archived[0]?.fields["userId"]).toBeNull();
    expect(archived[0]?.fields["email"]).toEqual(expect.any(String));
    expect(pages.at(-1)?.proved).toEqual({ field: null, after: null, through: null });
    expect((await owners.lookup(stream, [rows[0]?.key ?? ""], never)).map((row) => row.key)).toEqual([rows[0]?.key]);
  });
});
