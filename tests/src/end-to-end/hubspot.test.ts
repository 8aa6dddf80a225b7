import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type HubspotSync, type HubspotWorld, TOKEN, useHubspotWorlds } from "../support/hubspot-world.ts";
import { until } from "../support/until.ts";
import { contact, CONTENT } from "../support/world.ts";

const createWorld = useHubspotWorlds();

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function contacts(source: HubspotSync["source"] = {}, rest: Partial<HubspotSync> = {}): HubspotSync {
  return {
    source: { object: "contacts", ...source },
    mapping: {
      entityType: "contact",
      email: "email",
      properties: { first_name: contact("firstname"), city: contact("city"), job_title: contact("jobtitle") },
    },
    ...rest,
  };
}

/** What the other side holds beside what the portal holds: differences in words. */
function differences({ hubspot, api }: HubspotWorld): readonly string[] {
  const found: string[] = [];
  const expected = new Map(
    hubspot.control
      .records({ type: "contacts", properties: ["email", "firstname", "city", "jobtitle"] })
      .map(({ properties }) => [properties["email"]?.toLowerCase(), properties]),
  );
  const held = new Map(api.control.records({ type: "contact" }).map((record) => [record.keys["email"], record.values]));
  for (const [email, properties] of expected) {
    const values = held.get(email);
    if (values === undefined) found.push(`${email} is missing`);
    else if (values["first_name"] !== (properties["firstname"] ?? null)) found.push(`${email} has another name`);
    else if ((values["job_title"] ?? null) !== (properties["jobtitle"] ?? null)) found.push(`${email} has another job`);
  }
  for (const email of held.keys()) if (!expected.has(email)) found.push(`${email} should not be there`);
  return found.slice(0, 10);
}

describe.concurrent("HubSpot, as a user types it", () => {
  it("from init to verify: contacts, companies, deals and notes, each by its ready mapping", async () => {
    const world = await createWorld({ portal: { contacts: 250, companies: 40, deals: 30, notes: 20 } });
    const init = await world.run("init", "--set", "baseUrl=${HUBSPOT_BASE_URL}");
    expect(init).toMatchObject({ code: 0, err: "" });
    const text = await readFile(join(world.folder, "sync.config.yaml"), "utf8");
    expect(text).toContain("token: ${HUBSPOT_TOKEN}");
    expect(text).not.toContain(TOKEN);
    expect(text.match(/^ {2}\w+:$/gm)).toEqual(["  contacts:", "  companies:", "  deals:", "  notes:"]);
    expect(text).toMatch(/body: \{ sourceField: hs_note_body, collectionName: Notes, extractMemories: true \} # .+/);
    // The organisation's collection of deals has no currency: said, not written.
    expect(text).toContain("# - currency: no collection of deal has it");

    const check = await world.run("check");
    expect(check).toMatchObject({ code: 0, err: "" });
    expect(check.out).not.toMatch(/[✗!]/);
    expect(await world.run("sync")).toMatchObject({ code: 0 });
    const { control } = world.api;
    for (const [type, count] of [
      ["contact", 250],
      ["company", 40],
      ["deal", 30],
      ["note", 20],
    ] as const) {
      expect(control.records({ type }), type).toHaveLength(count);
    }
    const [note] = world.hubspot.control.records({ type: "notes", limit: 1 });
    const held = control.record({ type: "note", customKeyName: "hubspot_note_id", customKeyValue: note?.id ?? "" });
    expect(held?.memories.length).toBeGreaterThan(0);
    expect(held?.values["contacts"]).toEqual(world.hubspot.control.associated("notes", note?.id ?? "", "contacts"));
    expect(await world.run("verify", "--sample", "10")).toMatchObject({ code: 0 });
  });

  it("afterwards sends what changed, and only that; what shows late is read when it shows", async () => {
    const world = await createWorld({ portal: { contacts: 400 }, indexLagMs: 10 * 60_000 });
    const { control } = world.hubspot;
    await world.configure({ contacts: contacts() });
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { landed: 400 } });
    control.advanceClock(2 * HOUR_MS);
    expect((await world.sync()).rows).toMatchObject({ sent: 0 });

    const [first, second] = control.records({ type: "contacts", limit: 2 });
    control.update("contacts", first?.id ?? "", { jobtitle: "Pilot" });
    control.create("contacts", { email: "new@people.example", firstname: "Nova" });
    // The search does not know it yet.
    expect((await world.sync()).rows).toMatchObject({ sent: 0 });
    control.advanceClock(11 * 60_000);
    expect((await world.sync()).rows).toMatchObject({ sent: 2, landed: 2 });
    expect(differences(world)).toEqual([]);

    // What the live pass has passed by already, and shows only now, is for the exact pass.
    control.setKnobs({ indexLagMs: 40 * 60_000 });
    control.update("contacts", second?.id ?? "", { jobtitle: "Late" });
    control.advanceClock(20 * 60_000);
    await world.sync();
    control.advanceClock(30 * 60_000);
    expect((await world.sync()).rows).toMatchObject({ sent: 0 });
    control.advanceClock(HOUR_MS);
    expect((await world.sync()).rows).toMatchObject({ sent: 1 });
    expect(differences(world)).toEqual([]);
  });

  it("archived, merged, restored and deleted for good: each shows by its own sweep, and takes its record along", async () => {
    const world = await createWorld({ portal: { contacts: 300 } });
    const { control } = world.hubspot;
    await world.configure({ contacts: contacts({}, { deletes: "delete" }) });
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { landed: 300 } });
    const [archived, survivor, loser, erased] = control.records({ type: "contacts", limit: 4 }).map(({ id }) => id);
    control.archive("contacts", archived ?? "");
    control.merge("contacts", survivor ?? "", loser ?? "");
    control.gdprDelete("contacts", erased ?? "");

    control.advanceClock(7 * HOUR_MS);
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { deleted: 2 } });
    expect(differences(world)).toHaveLength(1);
    control.advanceClock(8 * DAY_MS);
    const weekly = await world.sync();
    expect(weekly).toMatchObject({ exitCode: 0, rows: { deleted: 1, sent: 0 } });
    expect(weekly.proved).not.toBeNull();
    expect(differences(world)).toEqual([]);

    control.restore("contacts", archived ?? "");
    control.advanceClock(8 * DAY_MS);
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { deleted: 0, landed: 1 } });
    expect(differences(world)).toEqual([]);
  });

  it("goes on where it was after SIGKILL, in the middle of the first load and in the middle of changes", async () => {
    const world = await createWorld({ portal: { contacts: 3000, fullSchemas: false } });
    const { control } = world.hubspot;
    await world.configure({ contacts: contacts({ pageRows: 100 }) });
    for (const landed of [300, 1200]) {
      const running = world.start(["sync"]);
      await until(`${landed} rows`, () => world.api.control.counts().rowsLanded >= landed);
      running.child.kill("SIGKILL");
      expect((await running.ended).signal).toBe("SIGKILL");
    }
    const before = control.counts().requests;
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    expect(differences(world)).toEqual([]);
    // From the beginning the list alone takes 30 calls.
    const lists = control.requests({ family: "list" }).filter(({ number }) => number > before);
    expect(lists.length).toBeLessThan(30);

    control.updateMany("contacts", undefined, { jobtitle: "Everybody's" });
    control.advanceClock(2 * HOUR_MS);
    const sent = world.api.control.counts().rowsLanded;
    const running = world.start(["sync"]);
    await until("some changes", () => world.api.control.counts().rowsLanded >= sent + 400);
    running.child.kill("SIGKILL");
    await running.ended;
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    expect(differences(world)).toEqual([]);
  });

  it("stops with 5 when HubSpot's day is used up, and goes on the next day", async () => {
    const world = await createWorld({ portal: { contacts: 2000, fullSchemas: false }, dailyLimit: 1000 });
    const { control } = world.hubspot;
    await world.configure({ contacts: contacts({ pageRows: 200 }) });
    // Ten more calls: some lists, then no more.
    control.setUsage({ dailyCalls: 988 });
    const stopped = await world.start(["sync"]).ended;
    expect(stopped.code).toBe(5);
    expect(stopped.out + stopped.err).toMatch(/daily limit|day/i);
    const some = world.api.control.counts().records;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(2000);
    expect((await world.run("sync")).code).toBe(5);

    control.advanceClock(DAY_MS);
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    expect(differences(world)).toEqual([]);
  });

  it("leaves to others what dailyReserve says", async () => {
    const world = await createWorld({ portal: { contacts: 300 }, dailyLimit: 1000 });
    await world.configure({ contacts: contacts({ dailyReserve: 500 }) });
    world.hubspot.control.setUsage({ dailyCalls: 496 });
    expect((await world.run("sync")).code).toBe(5);
    expect(world.hubspot.control.usage().dailyCalls).toBeLessThanOrEqual(502);
  });

  it.each([
    ["contacts", "crm.objects.contacts.read"],
    ["companies", "crm.objects.companies.read"],
    ["deals", "crm.objects.deals.read"],
    ["tickets", "tickets"],
  ])("a token that may not read %s ends with 3 and names the scope and where to grant it", async (object, scope) => {
    const world = await createWorld({ portal: { contacts: 5 } });
    world.hubspot.control.setScopes(["crm.objects.owners.read"]);
    await world.configure({
      one: {
        source: { object },
        mapping: {
          entityType: "contact",
          customKeyName: "id",
          customKey: "hs_object_id",
          properties: { city: contact("hs_object_id") },
        },
      },
    });
    for (const command of ["check", "sync", "plan"]) {
      const { code, out, err } = await world.run(command);
      expect(code, command).toBe(3);
      expect(out + err, command).toContain(scope);
      expect(out + err, command).toContain("Private Apps > Scopes");
    }
    expect(world.api.control.counts().rowsReceived).toBe(0);
  });

  it("a token that was revoked, also amid a run, ends with 3 and is shown nowhere", async () => {
    const world = await createWorld({ portal: { contacts: 2000, fullSchemas: false } });
    await world.configure({ contacts: contacts({ pageRows: 100 }) });
    const running = world.start(["sync"]);
    await until("some rows", () => world.api.control.counts().rowsLanded >= 300);
    world.hubspot.control.revokeToken(TOKEN);
    const { code, err, out } = await running.ended;
    expect(code).toBe(3);
    expect(out + err).toMatch(/401|token/);
    expect(await world.run("check")).toMatchObject({ code: 3 });
  });

  it("two syncs of one account in one process keep its limits together", async () => {
    const world = await createWorld({ portal: { contacts: 1500, companies: 1500, fullSchemas: false } });
    const company = (sourceField: string) => ({ sourceField, collectionName: "Companies Standard Schema" });
    await world.configure({
      contacts: contacts(),
      companies: {
        source: { object: "companies" },
        mapping: { entityType: "company", website: "domain", properties: { name: company("name") } },
      },
    });
    expect(await world.run("sync")).toMatchObject({ code: 0 });
    expect(world.hubspot.control.counts().rateLimited).toEqual({});
    expect(world.hubspot.control.peakCalls(1000, ["search"])).toBeLessThanOrEqual(5);
  });

  it("keeps row contents out of every output", async () => {
    const world = await createWorld();
    world.hubspot.control.create("contacts", { email: `a@${CONTENT}.example`, firstname: `${CONTENT} name` });
    world.hubspot.control.create("contacts", { firstname: `${CONTENT} without address` });
    await world.configure({ contacts: contacts() });
    // startCommand fails on any output that holds it.
    expect(await world.run("sync")).toMatchObject({ code: 4 });
    expect((await world.run("status")).out).toContain("NO_IDENTITY");
  });
});
