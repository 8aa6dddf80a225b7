import { parseArgs } from "node:util";
import { type ProgramLine, programFlags, toShare, toWhole } from "@acme/stand-in-kit";
import type { SalesforceApiOptions } from "./options.ts";
import type { OrgSeed } from "./org/org-seed.ts";

/** What the command line asks for. */
export type CommandLine = ProgramLine<SalesforceApiOptions>;

export const usage = `salesforce-api: a stand-in for the Salesforce APIs, for trying things by hand

  --port N             0 takes any free port (default 4244)
  --contacts N         contacts of the org (default 1000); with them come a fifth as many accounts, half as many
                       leads, a quarter opportunities, a tenth cases, as many tasks, and boats (a custom object)
  --rows OBJECT=N      another number of one object, such as CampaignMember=500; may be repeated
  --seed N             another org of the same size (default 1)
  --deleted-share S    share of rows in the bin, 0 to 1 (default 0.01)
  --filler-objects N   so many more objects without rows (default 0; a real org has about 1300)
  --daily-requests N   requests in 24 hours (default 100000)
  --bulk-ms N          how long a Bulk job runs (default 1000)
  --public-key FILE    PEM of the key that JWTs are checked with
  --soap-login         take SOAP login() and grant_type=password
  --rotate             refresh tokens work once
  --sandbox            a sandbox: JWTs are for test.salesforce.com
  --quiet              print nothing but errors
  --json               print one line of JSON when ready: {"url","port"}
  --help               this text

Example: salesforce-api --contacts 20000 --rows Task=100000 --port 4244
`;

/** Reads the arguments. Throws TypeError or RangeError with a readable message for what it does not understand. */
export function parseCommandLine(args: readonly string[], readFile: (path: string) => string): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "4244" },
      contacts: { type: "string", default: "1000" },
      rows: { type: "string", multiple: true, default: [] },
      seed: { type: "string", default: "1" },
      "deleted-share": { type: "string", default: "0.01" },
      "filler-objects": { type: "string", default: "0" },
      "daily-requests": { type: "string", default: "100000" },
      "bulk-ms": { type: "string", default: "1000" },
      "public-key": { type: "string" },
      "soap-login": { type: "boolean", default: false },
      rotate: { type: "boolean", default: false },
      sandbox: { type: "boolean", default: false },
      ...programFlags,
    },
  });
  const publicKey = values["public-key"];
  const contacts = toWhole("contacts", values.contacts);
  return {
    help: values.help,
    quiet: values.quiet,
    json: values.json,
    options: {
      port: toWhole("port", values.port),
      org: {
        ...toOrg(contacts, values.rows),
        seed: toWhole("seed", values.seed),
        deletedShare: toShare("deleted-share", values["deleted-share"]),
        fillerObjects: toWhole("filler-objects", values["filler-objects"]),
        sandbox: values.sandbox,
      },
      apps: [publicKey === undefined ? {} : { publicKey: readFile(publicKey) }],
      dailyRequests: toWhole("daily-requests", values["daily-requests"]),
      bulkRunningMs: toWhole("bulk-ms", values["bulk-ms"]),
      soapLogin: values["soap-login"],
      passwordFlow: values["soap-login"],
      refreshRotation: values.rotate,
    },
  };
}

function toOrg(contacts: number, texts: readonly string[]): OrgSeed {
  const rows: Record<string, number> = {
    Contact: contacts,
    Account: Math.floor(contacts / 5),
    Lead: Math.floor(contacts / 2),
    Opportunity: Math.floor(contacts / 4),
    Case: Math.floor(contacts / 10),
    Task: contacts,
  };
  for (const text of texts) {
    const [object = "", count = ""] = text.split("=");
    if (!/^\w+$/.test(object)) throw new RangeError(`--rows takes OBJECT=N, not ${text}`);
    rows[object] = toWhole("rows", count);
  }
  return { rows, customObjects: [{ name: "Boat", rows: rows["Boat__c"] ?? Math.floor(contacts / 10) }] };
}
