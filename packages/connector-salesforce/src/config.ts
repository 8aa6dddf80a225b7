import { z } from "zod";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MEBIBYTE = 1024 * 1024;
const LONGEST_MS = 400 * DAY_MS;

const name = z.string().trim().min(1).max(255);
const secret = z.string().trim().min(1).meta({ secret: true });
const span = z.int().nonnegative().max(LONGEST_MS);
const schedule = z.union([z.int().min(MINUTE_MS).max(LONGEST_MS), z.literal(false)]);
/** What may stand in a SOQL query: checked here, so that nothing else ever gets into one. */
const apiName = z
  .string()
  .trim()
  .regex(/^[A-Za-z]\w*$/, "an API name: letters, digits and _, such as Contact or Invoice__c");
const path = z
  .string()
  .trim()
  .regex(/^[A-Za-z]\w*(?:\.[A-Za-z]\w*){0,4}$/, "a path of relationship names, such as Account or Account.Owner");

const clientCredentials = z
  .strictObject({
    clientId: name.describe("Consumer key of the external client app."),
    clientSecret: secret.describe("Consumer secret of that app."),
  })
  .describe("OAuth client credentials: the app runs as the user it names. loginUrl has to be the org's My Domain.");

const jwt = z
  .strictObject({
    clientId: name.describe("Consumer key of the app."),
    username: name.describe("User that the app acts for; an administrator has to have approved it for the app."),
    privateKey: secret.optional().describe("Private key in PEM whose certificate the app has. Or privateKeyFile."),
    privateKeyFile: name.optional().describe("File that holds that key."),
    audience: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        "Audience of the assertion. Default: https://test.salesforce.com where loginUrl is a sandbox's, else https://login.salesforce.com.",
      ),
  })
  .describe("OAuth JWT bearer: server to server with a certificate.");

const oauth = z
  .strictObject({
    clientId: name.describe("Consumer key of the app."),
    clientSecret: secret.optional().describe("Consumer secret, where the app has one."),
    refreshToken: secret.describe("Refresh token that the authorisation returned."),
    tokenFile: name
      .optional()
      .describe(
        "File in which the newest tokens are kept (created with mode 0600). Needed where the app rotates refresh tokens: without it the new one is lost when the process ends.",
      ),
  })
  .describe("OAuth refresh token of an interactive authorisation.");

const password = z
  .strictObject({
    username: name.describe("Name of the user."),
    password: secret.describe("Password of the user."),
    securityToken: secret.optional().describe("Security token, unless this machine's address is trusted by the org."),
  })
  .describe(
    "SOAP login for old orgs only: off by default in new ones, not in API 65.0 and later, and retired by Salesforce with Summer '27 (June 2027).",
  );

export const authWays = ["clientCredentials", "jwt", "oauth", "password"] as const;
export type AuthWay = (typeof authWays)[number];

/** The `source:` section of a sync that reads Salesforce. */
export const salesforceConfig = z
  .strictObject({
    loginUrl: z
      .url({ protocol: /^https?$/ })
      .default("https://login.salesforce.com")
      .describe(
        "Where to log in: https://login.salesforce.com, https://test.salesforce.com for a sandbox, or the org's My Domain, such as https://acme.my.salesforce.com.",
      ),
    clientCredentials: clientCredentials.optional(),
    jwt: jwt.optional(),
    oauth: oauth.optional(),
    password: password.optional(),
    object: apiName
      .optional()
      .describe(
        "What to read, by API name: Contact, Lead, Account, Opportunity, Case, Task, Invoice__c, anything that can be queried. Default: everything this user can query, which only `discover` can use.",
      ),
    fields: z
      .array(apiName)
      .min(1)
      .optional()
      .describe("API names of the fields to offer. Default: all; a run reads those that the mapping uses."),
    relationships: z
      .array(path)
      .optional()
      .describe(
        "Parents whose fields are offered by path: Account gives Account.Name and so on, Account.Owner one level further. Default: all direct parents, where an object is configured.",
      ),
    cursor: apiName
      .optional()
      .describe(
        "Field that moves whenever a record changes. Default: SystemModstamp, LastModifiedDate, CreatedDate or LoginTime, the first that can be filtered.",
      ),
    lagMs: span
      .default(5 * MINUTE_MS)
      .describe(
        "How far reading stays behind Salesforce's clock, in milliseconds: a stamp is taken before its commit.",
      ),
    overlapMs: span
      .default(10 * MINUTE_MS)
      .describe(
        "How much of the time before it is read once more, in milliseconds, for rows that surface later still.",
      ),
    deletedEveryMs: schedule
      .default(HOUR_MS)
      .describe("Time between two looks at the log of deletions, in milliseconds; false: never."),
    calculatedEveryMs: schedule
      .default(DAY_MS)
      .describe(
        "Time after which formula fields and fields of parents are read again for all records, in milliseconds; false: never. Only where the mapping uses them.",
      ),
    reconcileEveryMs: schedule
      .default(7 * DAY_MS)
      .describe(
        "Time after which all records are read again, so that what became visible without a change shows, in milliseconds; false: never.",
      ),
    transport: z
      .enum(["auto", "rest", "bulk"])
      .default("auto")
      .describe("How to read: by REST, by Bulk API 2.0, or by the number of rows (auto)."),
    bulkMinRows: z
      .int()
      .min(1)
      .default(10_000)
      .describe(
        "With auto: rows from which on Bulk is used. REST takes a call for 200 to 2,000 rows, Bulk about eight in all.",
      ),
    bulkPageRows: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20_000)
      .describe("Rows in one download of a Bulk result at most."),
    bulkPageBytes: z
      .int()
      .min(1)
      .default(8 * MEBIBYTE)
      .describe(
        "Bytes that one download should have at most: its rows are held in memory. Larger ones are asked for in smaller parts.",
      ),
    bulkWaitMs: span
      .min(SECOND_MS)
      .default(30 * MINUTE_MS)
      .describe(
        "How long a run waits for one Bulk job, in milliseconds. A later run goes on waiting for the same job.",
      ),
    apiShare: z
      .number()
      .gt(0)
      .max(1)
      .default(0.8)
      .describe(
        "Share of the org's API requests of 24 hours at which the run stops (exit code 5), whoever used them: the rest is left for others.",
      ),
    requestTimeoutMs: z
      .int()
      .min(1)
      .max(15 * MINUTE_MS)
      .default(150 * SECOND_MS)
      .describe("How long one request may take, in milliseconds. Salesforce gives a query 120 seconds."),
    pageRows: z.int().min(1).max(10_000).default(1000).describe("Records in a page at most."),
    pageBytes: z
      .int()
      .min(1)
      .default(4 * MEBIBYTE)
      .describe("Bytes after which a page ends, whatever its records."),
    apiVersion: z
      .string()
      .regex(/^\d\d\.0$/, "a version such as 66.0")
      .default("66.0")
      .describe("Version of Salesforce's API."),
  })
  .superRefine((config, context) => {
    const issue = (at: string, message: string): void => {
      context.addIssue({ code: "custom", path: [at], message });
    };
    const given = authWays.filter((way) => config[way] !== undefined);
    const [first, second] = given;
    if (first === undefined) issue("clientCredentials", `set one of ${authWays.join(", ")}`);
    if (second !== undefined) issue(second, `set one of ${authWays.join(", ")}, not ${given.join(" and ")}`);
    if (
      config.jwt !== undefined &&
      (config.jwt.privateKey === undefined) === (config.jwt.privateKeyFile === undefined)
    ) {
      issue("jwt", "set privateKey or privateKeyFile");
    }
    const host = new URL(config.loginUrl).hostname;
    if (/\.(?:lightning\.force|salesforce-setup)\.com$/.test(host)) {
      issue(
        "loginUrl",
        "this is the address of the user interface: use the org's My Domain, https://….my.salesforce.com",
      );
    }
    if (Number(config.apiVersion) < 58) issue("apiVersion", "58.0 or later");
    for (const list of ["fields", "relationships"] as const) {
      const names = (config[list] ?? []).map((each) => each.toLowerCase());
      if (new Set(names).size < names.length) issue(list, "a name stands here twice");
    }
  });

export type SalesforceConfig = z.output<typeof salesforceConfig>;

export function authWayOf(config: SalesforceConfig): AuthWay {
  return authWays.find((way) => config[way] !== undefined) ?? "clientCredentials";
}

/** The address without what would double a slash in paths. */
export function toOrigin(url: string): string {
  return url.replace(/\/+$/, "");
}
