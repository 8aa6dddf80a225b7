import { never, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { DAY, startPortal, type TestPortal } from "./__fixtures__/portal.ts";

let portal: TestPortal | null = null;
afterEach(async () => {
  await portal?.stop();
  portal = null;
});

describe("check and discovery", () => {
  it("says what is read, how fresh, and what is switched off", async () => {
    portal = await startPortal({ portal: { contacts: 12, fullSchemas: false } });
    const findings = await portal
      .source({ lagMs: 60_000, archivedEveryMs: false, reconcileEveryMs: false })
      .check(never);
    const text = findings.map((finding) => `${finding.level}: ${finding.message}`).join("\n");
    expect(text).toContain("about 12 records; changes are found by lastmodifieddate");
    expect(text).toContain("warning: lagMs is 60000");
    expect(text).toContain("warning: archived records are not looked for");
    expect(text).toContain("warning: permanently deleted");
    expect((await portal.source({ object: "owners" }).check(never))[0]?.message).toContain("owners");
  });

  it("lists everything that can be read, with types, labels and estimates", async () => {
    portal = await startPortal({ portal: { contacts: 12, deals: 3, notes: 2 } });
    const streams = await portal.source({ object: undefined }).streams(never);
    const names = streams.map((stream) => stream.name);
    expect(names).toEqual(
      expect.arrayContaining([
        "contacts",
        "companies",
        "deals",
        "tickets",
        "notes",
        "calls",
        "emails",
        "meetings",
        "tasks",
        "owners",
      ]),
    );
    const contacts = streams.find((stream) => stream.name === "contacts");
    expect(contacts).toMatchObject({ key: ["hs_object_id"], cursorField: "lastmodifieddate", estimatedRows: 12 });
    expect(contacts?.fields.length).toBeGreaterThan(350);
    expect(contacts?.fields.find((field) => field.name === "associations.companies")).toMatchObject({ type: "array" });
  });

  it("names a property that does not exist, and the ones that are close", async () => {
    portal = await startPortal({ portal: { contacts: 1 } });
    await expect(portal.source({ properties: ["first_name"] }).streams(never)).rejects.toMatchObject({
      kind: "config",
      hint: expect.stringContaining("firstname"),
    });
    await expect(portal.source({ object: "unicorns" }).streams(never)).rejects.toMatchObject({
      kind: "config",
      message: expect.stringContaining('no object "unicorns"'),
      hint: expect.stringContaining("contacts"),
    });
  });

  it("offers only the properties that are configured", async () => {
    portal = await startPortal({ portal: { contacts: 1 } });
    const stream = await streamOf(portal.source({ properties: ["email"], associations: [] }));
    const [all] = await portal.source({ properties: ["email"], associations: [] }).streams(never);
    expect(all?.fields.map((field) => field.name).toSorted()).toEqual(["email", "hs_object_id", "lastmodifieddate"]);
    expect(stream.key).toEqual(["hs_object_id"]);
  });

  it.each(["v3", "2026-03", "2026-09"])("speaks version %s of the API", async (apiVersion) => {
    portal = await startPortal({ portal: { contacts: 150, companies: 5, fullSchemas: false } });
    const source = portal.source({ apiVersion });
    const stream = await streamOf(source, ["associations.companies"]);
    let rows = 0;
    for await (const page of source.read(stream, null, never)) rows += page.rows.length;
    expect(rows).toBe(150);
    portal.runtime.advance(DAY);
    expect(await source.lookup(stream, [], never)).toEqual([]);
    expect((await portal.source({ object: "owners", apiVersion }).streams(never))[0]?.name).toBe("owners");
    expect(portal.control.requests().every((entry) => entry.path.includes(apiVersion.replace("v3", "")))).toBe(true);
  });

  it("stops at once when it is closed", async () => {
    portal = await startPortal({ portal: { contacts: 1 } });
    const source = portal.source();
    await source.close();
    await expect(source.streams(never)).rejects.toMatchObject({ kind: "config" });
  });
});
