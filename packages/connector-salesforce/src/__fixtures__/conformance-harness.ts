import type { SourceHarness } from "@acme/sync-core/testing";
import { startSalesforceApi } from "@acme/salesforce-api";
import type { JsonObject } from "@acme/sync-core";
import { createTestRuntime, findFreePort } from "@acme/test-servers";
import { salesforceConfig } from "../config.ts";
import { createSalesforceSource } from "../source.ts";
import { CLIENT, MINUTE, type Settings, TODAY } from "./org.ts";

const LATE_MS = 12 * MINUTE;
const WRONG_SECRET = "wrong-secret-of-nobody";

/** A new org with one empty object, read with small pages. Time passes when somebody sleeps, or settles. */
export async function createSalesforceHarness(settings: Settings, hasStamp: boolean): Promise<SourceHarness> {
  const runtime = createTestRuntime(TODAY);
  const api = await startSalesforceApi({
    now: () => runtime.now(),
    org: {
      untilMs: TODAY,
      customObjects: [
        {
          name: "Item",
          ...(hasStamp ? {} : { withoutSystemFields: ["SystemModstamp", "LastModifiedDate", "CreatedDate"] }),
          fields: [
            { name: "Note__c", type: "textarea" },
            { name: "Amount__c", type: "currency", scale: 2 },
            { name: "Big__c", type: "double", scale: 0 },
            { name: "Count__c", type: "int" },
            { name: "Day__c", type: "date" },
            { name: "At__c", type: "datetime" },
            { name: "Done__c", type: "boolean" },
            { name: "Kinds__c", type: "multipicklist", picklistValues: ["A", "B", "C"] },
            { name: "Account__c", type: "reference", referenceTo: ["Account"], relationshipName: "Account__r" },
            { name: "Shout__c", formula: 'Note__c & "!"' },
          ],
        },
      ],
      rows: { Account: 3 },
    },
  });
  const nowhere = await findFreePort();
  let restore: (() => void) | null = null;

  return {
    textField: "Note__c",
    secrets: [CLIENT.clientSecret, WRONG_SECRET],
    open: ({ pageRows, fault }) =>
      createSalesforceSource(
        salesforceConfig.parse({
          object: fault === "stream" ? "Nothing__c" : "Item__c",
          loginUrl: fault === "address" ? `http://127.0.0.1:${nowhere}` : api.url,
          clientCredentials: { ...CLIENT, ...(fault === "credentials" ? { clientSecret: WRONG_SECRET } : {}) },
          relationships: ["Account__r"],
          pageRows,
          ...settings,
        }),
        runtime,
      ),
    insert: async (texts) => texts.map((text) => api.control.create("Item__c", { Name: "item", Note__c: text })),
    async update(key, text) {
      runtime.advance(1000);
      // Looking at a row first lets what has become visible meanwhile come before this.
      api.control.row(key);
      api.control.update(key, { Note__c: text });
    },
    async settle() {
      runtime.advance(20 * MINUTE);
    },
    async remove(key) {
      api.control.purge(key);
    },
    async beginLate(text) {
      // Within lag and overlap together. It shows by itself at that time, at the latest when it has to.
      const visibleAt = runtime.now() + LATE_MS;
      const key = api.control.create("Item__c", { Name: "item", Note__c: text }, { delayMs: LATE_MS });
      return {
        async commit() {
          runtime.advance(Math.max(0, visibleAt - runtime.now()) + 1);
          return key;
        },
      };
    },
    async insertEveryType() {
      const [account] = api.control.rows({ object: "Account", limit: 1 });
      const values = {
        Name: "every type",
        Note__c: 'one,\n"two"',
        Amount__c: 1234.5,
        Big__c: "123456789012345678",
        Count__c: -7,
        Day__c: "2024-02-29",
        At__c: "2024-01-01T12:00:00.000Z",
        Done__c: true,
        Kinds__c: "A;C",
        Account__c: account?.id ?? "",
      };
      const key = api.control.create("Item__c", values);
      const fields: JsonObject = {
        ...values,
        Amount__c: "1234.5",
        Shout__c: 'one,\n"two"!',
        "Account__r.Id": account?.id ?? "",
        Id: key,
      };
      return { key, fields };
    },
    async stall() {
      const fault = api.control.addFault({ kind: "hang-before", path: "/services/data", times: 1_000_000 });
      restore = () => api.control.removeFault(fault);
      return async () => restore?.();
    },
    async cut() {
      api.control.addFault({ kind: "reset-before", path: "/services/data" });
    },
    async dispose() {
      restore?.();
      await api.close();
    },
  };
}
