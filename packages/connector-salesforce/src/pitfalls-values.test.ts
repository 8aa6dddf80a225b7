import type { Row } from "@acme/sync-core";
import { readAll, rowsOf, streamOf } from "@acme/test-servers";
import { afterEach, describe, expect, it } from "vitest";
import { noticesOf, startOrg, textOf, type TestOrg } from "./__fixtures__/org.ts";

let org: TestOrg | null = null;
afterEach(async () => {
  await org?.stop();
  org = null;
});

async function start(options: Parameters<typeof startOrg>[0] = {}): Promise<TestOrg> {
  org = await startOrg(options);
  return org;
}

/** What one contact with these values reads as, by REST and by Bulk. */
async function bothForms(
  at: TestOrg,
  fields: readonly string[],
): Promise<{ readonly rest: readonly Row[]; readonly bulk: readonly Row[]; readonly notices: string }> {
  const forms = [];
  for (const transport of ["rest", "bulk"] as const) {
    const source = at.source({ transport, relationships: ["Account", "Owner"] });
    const pages = await readAll(source, await streamOf(source, fields));
    forms.push({
      rows: rowsOf(pages).toSorted((left, right) => (left.key < right.key ? -1 : 1)),
      notices: noticesOf(pages).join(),
    });
  }
  return {
    rest: forms[0]?.rows ?? [],
    bulk: forms[1]?.rows ?? [],
    notices: forms.map(({ notices }) => notices).join(),
  };
}

describe("values", () => {
  it("T30 texts that look like nothing are texts", async () => {
    const at = await start();
    for (const LastName of ["NA", "None", "null", "N/A", "NULL", "nan", "-"])
      at.control.create("Contact", { LastName });
    const { rest, bulk } = await bothForms(at, ["LastName"]);
    expect(rest).toEqual(bulk);
  });

  it("T31 NUL bytes, quotes, commas and line breaks come through both ways alike", async () => {
    const at = await start();
    const text = 'He said "no",\nand, with a\ttab,\r\nleft;\0 for \0good \\ 😀';
    at.control.create("Contact", { LastName: "A", Description: text });
    const { rest, bulk, notices } = await bothForms(at, ["Description"]);
    expect(rest).toEqual(bulk);
    expect(rest).toMatchObject([{ fields: { Description: text.replaceAll("\0", "") } }]);
    expect(notices).toContain("2 NUL bytes");
  });

  it("T32 numbers keep their digits, whichever way they are written", async () => {
    const at = await start({
      org: {
        fields: {
          Contact: [
            { name: "Big__c", type: "double", scale: 0 },
            { name: "Rate__c", type: "percent" },
          ],
        },
      },
    });
    at.control.create("Contact", { LastName: "A", Big__c: 16_147_805_824_397, Rate__c: 12.5 });
    at.control.create("Contact", { LastName: "B", Big__c: "123456789012345678", Rate__c: -0.25 });
    at.control.create("Contact", { LastName: "C", Big__c: 0, Rate__c: null });
    for (const bulkNumbers of ["exponent", "plain"] as const) {
      at.control.setKnobs({ bulkNumbers });
      const { rest, bulk } = await bothForms(at, ["LastName", "Big__c", "Rate__c"]);
      expect(rest).toEqual(bulk);
      const byName = rest.toSorted((left, right) => (textOf(left, "LastName") < textOf(right, "LastName") ? -1 : 1));
      expect(byName).toMatchObject([
        { fields: { Big__c: "16147805824397", Rate__c: "12.5" } },
        { fields: { Big__c: "123456789012345678", Rate__c: "-0.25" } },
        { fields: { Big__c: "0", Rate__c: null } },
      ]);
    }
  });

  it("T33 a postal code keeps its zero", async () => {
    const at = await start();
    at.control.create("Contact", { LastName: "A", MailingPostalCode: "01234" });
    const { rest, bulk } = await bothForms(at, ["MailingPostalCode"]);
    expect(rest).toEqual(bulk);
    expect(rest).toMatchObject([{ fields: { MailingPostalCode: "01234" } }]);
  });

  it.each(["quoted", "bare"] as const)(
    "T34 a thousand rows with all of their fields are the same by REST and by Bulk (%s)",
    async (bulkNull) => {
      const at = await start({ org: { rows: { Contact: 1000, Account: 40 } }, bulkNull });
      const source = at.source();
      const [stream] = await source.streams(new AbortController().signal);
      const names = (stream?.fields ?? []).filter(({ unreadable }) => unreadable === null).map(({ name }) => name);
      const some = names.filter((name) => !name.includes(".") || /^(?:Account|Owner)\./.test(name));
      const { rest, bulk } = await bothForms(at, some);
      expect(rest).toEqual(bulk);
      expect(rest).toHaveLength(1000);
    },
  );

  it("T34 stamps are ISO 8601 in UTC with milliseconds", async () => {
    const at = await start({ org: { rows: { Contact: 5 } } });
    const source = at.source({ relationships: [] });
    for (const { fields } of rowsOf(await readAll(source, await streamOf(source)))) {
      expect(fields["SystemModstamp"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
    }
  });

  it("ids have 18 characters, also where a formula gives 15", async () => {
    const at = await start({ org: { rows: { Contact: 50, Account: 5 } } });
    const source = at.source();
    for (const { key, fields } of rowsOf(await readAll(source, await streamOf(source, ["AccountId", "OwnerId"])))) {
      expect(key).toHaveLength(18);
      expect(fields["OwnerId"]).toHaveLength(18);
    }
  });

  it("a parent that is missing is null, field by field", async () => {
    const at = await start();
    at.control.create("Contact", { LastName: "alone" });
    const { rest, bulk } = await bothForms(at, ["Account.Name", "Account.Industry"]);
    expect(rest).toEqual(bulk);
    expect(rest).toMatchObject([{ fields: { "Account.Name": null, "Account.Industry": null } }]);
  });

  it("values that a picklist no longer offers are passed as they are", async () => {
    const at = await start({ org: { rows: { Lead: 40 } } });
    at.control.deactivatePicklistValue("Lead", "Status", "Open - Not Contacted");
    const source = at.source({ object: "Lead", relationships: [] });
    const expected = new Set(at.control.rows({ object: "Lead" }).map(({ values }) => values["Status"] ?? null));
    const found = rowsOf(await readAll(source, await streamOf(source, ["Status"]))).map(
      ({ fields }) => fields["Status"],
    );
    expect(new Set(found)).toEqual(expected);
  });
});
