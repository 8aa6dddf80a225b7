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

const oauth = z
  .strictObject({
    clientId: name.describe("Client id of the app that was installed in the portal."),
    clientSecret: secret.describe("Client secret of that app."),
    refreshToken: secret.describe("Refresh token that the installation returned."),
    tokenFile: name
      .optional()
      .describe(
        "File in which the newest tokens are kept (created with mode 0600). Without it a refresh token that HubSpot replaces is lost when the process ends.",
      ),
  })
  .describe("Credentials of a public app. Access tokens are fetched when needed and renewed before they expire.");

/** The `source:` section of a sync that reads HubSpot. */
export const hubspotConfig = z
  .strictObject({
    token: secret
      .optional()
      .describe("Token of a private app, or a service key. Sent as Authorization: Bearer. Instead of oauth."),
    oauth: oauth.optional(),
    object: name
      .optional()
      .describe(
        "What to read: contacts, companies, deals, tickets, products, line_items, notes, calls, emails, meetings, tasks, owners, another standard object, or a custom object by fully qualified name (p123_car), type id (2-456) or name. Default: everything the token can read, which only `discover` can use.",
      ),
    properties: z
      .array(name)
      .min(1)
      .optional()
      .describe("Internal names of the properties to offer. Default: all; a run reads those that the mapping uses."),
    sensitiveProperties: z
      .boolean()
      .default(false)
      .describe("Offer properties marked as sensitive too. The token needs the scopes for sensitive data."),
    associations: z
      .array(name)
      .default(["contacts", "companies", "deals", "tickets"])
      .describe(
        "Objects whose associations are offered as fields: `associations.companies` (ids) and `associations.companies.labels`. Read only when the mapping uses them.",
      ),
    modifiedProperty: name
      .optional()
      .describe(
        "Property that moves whenever a record changes. Default: found in the object's schema and held against a record.",
      ),
    lagMs: span
      .min(SECOND_MS)
      .default(HOUR_MS)
      .describe(
        "How far the exact pass stays behind HubSpot's clock, in milliseconds: longer than a change may take to become searchable. HubSpot publishes no figure.",
      ),
    overlapMs: span
      .default(MINUTE_MS)
      .describe("How much of the time before it the exact pass reads once more, in milliseconds."),
    exactEveryMs: span
      .default(10 * MINUTE_MS)
      .describe("Time between two exact passes, in milliseconds. 0: with every run."),
    live: z
      .boolean()
      .default(true)
      .describe("Read what is searchable already, up to now, before it is old enough for the exact pass."),
    liveOverlapMs: span
      .default(5 * MINUTE_MS)
      .describe("How much of the time before it the live pass reads once more, in milliseconds."),
    archivedEveryMs: schedule
      .default(6 * HOUR_MS)
      .describe("Time between two walks through the archived records, in milliseconds; false: never."),
    mergedEveryMs: schedule
      .default(DAY_MS)
      .describe("Time between two searches for merged records, in milliseconds; false: never."),
    associationsEveryMs: schedule
      .default(DAY_MS)
      .describe(
        "Time after which associations are read again for all records, in milliseconds; false: never. Only where the mapping uses them.",
      ),
    calculatedEveryMs: schedule
      .default(DAY_MS)
      .describe(
        "Time after which calculated properties are read again for all records, in milliseconds; false: never. Only where the mapping uses them.",
      ),
    reconcileEveryMs: schedule
      .default(7 * DAY_MS)
      .describe(
        "Time after which all records are read again, so that permanently deleted and restored ones show, in milliseconds; false: never.",
      ),
    dailyReserve: z
      .int()
      .nonnegative()
      .default(0)
      .describe("Calls of the account's daily limit to leave for others: the run stops before it uses them."),
    searchesPerSecond: z
      .int()
      .min(1)
      .max(5)
      .default(4)
      .describe("Searches a second at most. The account has 5, shared by all its apps."),
    requestTimeoutMs: z
      .int()
      .min(1)
      .max(10 * MINUTE_MS)
      .default(MINUTE_MS)
      .describe("How long one request may take, in milliseconds."),
    pageRows: z.int().min(1).max(10_000).default(1000).describe("Records in a page at most."),
    pageBytes: z
      .int()
      .min(1)
      .default(4 * MEBIBYTE)
      .describe("Bytes after which a page ends, whatever its records."),
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .default("https://api.hubapi.com")
      .describe("Where the API is. One address serves all regions."),
    apiVersion: z
      .string()
      .regex(/^(?:v3|20\d\d-\d\d)$/, "v3, or a dated version such as 2026-03")
      .default("2026-03")
      .describe("Version of HubSpot's API: a date, or v3 for the families that end in 2027."),
  })
  .superRefine((config, context) => {
    const issue = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    if (config.token === undefined && config.oauth === undefined) issue("token", "set token, or oauth");
    if (config.token !== undefined && config.oauth !== undefined) issue("oauth", "set either token or oauth, not both");
    if (config.token !== undefined && /[^\x21-\x7e]/.test(config.token)) {
      issue("token", "a token has no spaces and no characters outside ASCII");
    }
    for (const list of ["properties", "associations"] as const) {
      const names = config[list] ?? [];
      if (new Set(names).size < names.length) issue(list, "a name stands here twice");
    }
  });

export type HubspotConfig = z.output<typeof hubspotConfig>;
