import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type SalesforceSync, type SalesforceWorld, useSalesforceWorlds } from "../support/salesforce-world.ts";
import { until } from "../support/until.ts";
import { contact } from "../support/world.ts";

const createWorld = useSalesforceWorlds();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function contacts(source: SalesforceSync["source"] = {}, rest: Partial<SalesforceSync> = {}): SalesforceSync {
  return {
    source: { object: "Contact", ...source },
    mapping: {
      entityType: "contact",
      email: "Email",
      properties: {
        first_name: contact("FirstName"),
        last_name: contact("LastName"),
        company: contact("Account.Name"),
      },
    },
    ...rest,
  };
}

/** What the other side holds beside what the org holds: differences in words. */
function differences({ salesforce, api }: SalesforceWorld): readonly string[] {
  const found: string[] = [];
  const expected = new Map(
    salesforce.control.rows({ object: "Contact" }).map(({ values }) => [String(values["Email"]).toLowerCase(), values]),
  );
  const held = new Map(api.control.records({ type: "contact" }).map((record) => [record.keys["email"], record.values]));
  for (const [email, values] of expected) {
    const record = held.get(email);
    if (record === undefined) found.push(`${email} is missing`);
    else if (record["last_name"] !== values["LastName"]) found.push(`${email} has another name`);
  }
  for (const email of held.keys()) if (!expected.has(email ?? "")) found.push(`${email} should not be there`);
  return found.slice(0, 10);
}

/** Everybody gets an address of their own. */
function giveAddresses({ salesforce: { control } }: SalesforceWorld): void {
  for (const [index, { id }] of control.rows({ object: "Contact", fields: [] }).entries()) {
    control.update(id, { Email: `person.${index}@people.example` }, { touch: "none" });
  }
}

describe.concurrent("Salesforce, as a user types it", () => {
  it("from init to verify: contacts, accounts and opportunities, each by its ready mapping", async () => {
    const world = await createWorld({ org: { rows: { Contact: 120, Account: 40, Opportunity: 30 } } });
    giveAddresses(world);
    const init = await world.run("init");
    expect(init).toMatchObject({ code: 0, err: "" });
    const text = await readFile(join(world.folder, "sync.config.yaml"), "utf8");
    expect(text).not.toContain("stand-in-secret");
    expect(text).toMatch(/company: \{ sourceField: Account\.Name, .*\} # of a parent/);
    expect(text).toMatch(/sourceField: Description, .*extractMemories: true/);
    const check = await world.run("check");
    expect(check).toMatchObject({ code: 0, err: "" });
    const { code } = await world.run("sync");
    // Accounts without a website are parked.
    expect([0, 4]).toContain(code);
    expect(differences(world)).toEqual([]);
    expect(world.api.control.records({ type: "deal" })).toHaveLength(30);
    expect(await world.run("verify", "--sample", "10")).toMatchObject({ code: 0 });
  });

  it("afterwards sends what changed, and only that, by Bulk where it is much", async () => {
    const world = await createWorld({ org: { rows: { Contact: 700, Account: 20 } } });
    giveAddresses(world);
    await world.configure({ contacts: contacts({ bulkMinRows: 300 }) });
    expect((await world.sync()).rows).toMatchObject({ read: 700, landed: 700 });
    const { control } = world.salesforce;
    const ids = control.rows({ object: "Contact", fields: [] }).map(({ id }) => id);
    control.advanceClock(HOUR_MS);
    for (const id of ids.slice(0, 3)) control.update(id, { LastName: "Newname" });
    control.advanceClock(HOUR_MS);
    expect((await world.sync()).rows).toMatchObject({ sent: 3, landed: 3 });
    control.updateMany("Contact", ids.slice(0, 500), { LastName: "Allnew" });
    control.advanceClock(HOUR_MS);
    expect((await world.sync()).rows).toMatchObject({ sent: 500, landed: 500 });
    expect(control.requests({ method: "POST", path: "/jobs/query$" })).toHaveLength(2);
    expect(differences(world)).toEqual([]);
    // A day later fields of parents are read again for all: nothing of it is sent that did not change.
    const [account] = control.rows({ object: "Account", fields: [] });
    control.update(account?.id ?? "", { Name: "Renamed Ltd" });
    control.advanceClock(DAY_MS);
    const children = control.rows({ object: "Contact" }).filter(({ values }) => values["AccountId"] === account?.id);
    expect(children.length).toBeGreaterThan(0);
    expect((await world.sync()).rows).toMatchObject({ sent: children.length });
  });

  it("with deletes: delete, what is gone from Salesforce goes, once", async () => {
    const world = await createWorld({ org: { rows: { Contact: 200 } } });
    giveAddresses(world);
    await world.configure({ contacts: contacts({}, { deletes: "delete" }) });
    await world.sync();
    const { control } = world.salesforce;
    const [binned = "", purged = "", back = ""] = control.rows({ object: "Contact", fields: [] }).map(({ id }) => id);
    control.advanceClock(HOUR_MS);
    control.delete(binned);
    control.purge(purged);
    control.delete(back);
    control.undelete(back);
    control.advanceClock(HOUR_MS + 60_000);
    expect((await world.sync()).rows).toMatchObject({ deleted: 2 });
    expect(differences(world)).toEqual([]);
    // Purged, and no longer in the log of deletions: a reading of everything finds it.
    const [lost = ""] = control.rows({ object: "Contact", fields: [] }).map(({ id }) => id);
    control.purge(lost);
    control.advanceClock(HOUR_MS);
    control.trimDeletedLog("Contact", control.now());
    control.advanceClock(HOUR_MS);
    expect((await world.sync()).rows).toMatchObject({ deleted: 1 });
    expect(differences(world)).toEqual([]);
  });

  it("killed in the middle of a Bulk result, goes on with the same result", async () => {
    const world = await createWorld({ org: { rows: { Contact: 20_000 } } });
    giveAddresses(world);
    await world.configure({
      contacts: contacts(
        { bulkMinRows: 100, pageRows: 100, bulkPageRows: 1500, relationships: [] },
        {
          mapping: { entityType: "contact", email: "Email", properties: { last_name: contact("LastName") } },
        },
      ),
    });
    const first = world.start(["sync"]);
    await until("some contacts to land", () => world.api.control.records({ type: "contact" }).length > 8000);
    first.child.kill("SIGKILL");
    await first.ended;
    const held = world.api.control.records({ type: "contact" }).length;
    expect(held).toBeLessThan(20_000);
    const receipt = await world.sync();
    expect(receipt.exitCode).toBe(0);
    expect(receipt.rows.read).toBeLessThan(20_000);
    expect(differences(world)).toEqual([]);
    expect(world.salesforce.control.requests({ method: "POST", path: "/jobs/query$" })).toHaveLength(1);
  });

  it("stops with exit code 5 where the org's requests are used up, keeps what landed, and goes on later", async () => {
    const world = await createWorld({ org: { rows: { Contact: 3000 } }, dailyRequests: 1000 });
    giveAddresses(world);
    await world.configure({ contacts: contacts({ transport: "rest", pageRows: 200, apiShare: 0.5 }) });
    world.salesforce.control.setUsage({ requests: 490 });
    const stopped = await world.sync();
    expect(stopped.exitCode).toBe(5);
    expect(stopped.rows.landed).toBeLessThan(3000);
    world.salesforce.control.setUsage({ requests: 0 });
    expect((await world.sync()).exitCode).toBe(0);
    expect(differences(world)).toEqual([]);
  });
});
