import { parseArgs } from "node:util";
import { type ProgramLine, programFlags, toShare, toWhole } from "@acme/stand-in-kit";
import type { HubspotApiOptions } from "./options.ts";
import type { PortalSeed } from "./portal/portal-seed.ts";
import { isStandardTypeName, standardTypeNames } from "./portal/standard-types.ts";

/** What the command line asks for. */
export interface CommandLine extends ProgramLine<HubspotApiOptions> {
  readonly token: string;
}

const plans = ["free", "starter", "professional", "enterprise"] as const;

export const usage = `hubspot-api: a stand-in for the HubSpot CRM API, for trying things by hand

  --port N             0 takes any free port (default 4243)
  --contacts N         contacts of the portal (default 1000); with them come a fifth as many companies, a
                       quarter deals, a tenth tickets, a half notes, and as many cars (a custom object) as tickets
  --count TYPE=N       another number of one type, such as calls=500; may be repeated
                       (${standardTypeNames.join(", ")})
  --seed N             another portal of the same size (default 1)
  --archived-share S   share of records in the bin, 0 to 1 (default 0.01)
  --token TOKEN        token of the private app (default pat-eu1-stand-in)
  --plan PLAN          ${plans.join(" | ")} (default professional)
  --index-lag-ms N     time from a change to its being searchable (default 2000)
  --no-rate-limits     count calls, refuse none
  --quiet              print nothing but errors
  --json               print one line of JSON when ready: {"url","port","token"}
  --help               this text

Example: hubspot-api --contacts 20000 --count calls=5000 --port 4243
`;

/** Reads the arguments. Throws TypeError or RangeError with a readable message for what it does not understand. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "4243" },
      contacts: { type: "string", default: "1000" },
      count: { type: "string", multiple: true, default: [] },
      seed: { type: "string", default: "1" },
      "archived-share": { type: "string", default: "0.01" },
      token: { type: "string", default: "pat-eu1-stand-in" },
      plan: { type: "string", default: "professional" },
      "index-lag-ms": { type: "string", default: "2000" },
      "rate-limits": { type: "boolean", default: true },
      ...programFlags,
    },
    allowNegative: true,
  });
  const plan = plans.find((known) => known === values.plan);
  if (plan === undefined) throw new RangeError(`--plan takes one of ${plans.join(", ")}, not ${values.plan}`);
  return {
    help: values.help,
    quiet: values.quiet,
    json: values.json,
    token: values.token,
    options: {
      port: toWhole("port", values.port),
      portal: {
        ...toPortal(toWhole("contacts", values.contacts)),
        ...toCounts(values.count),
        seed: toWhole("seed", values.seed),
        archivedShare: toShare("archived-share", values["archived-share"]),
      },
      apps: [{ kind: "private-app", token: values.token }, { kind: "oauth" }],
      plan,
      indexLagMs: toWhole("index-lag-ms", values["index-lag-ms"]),
      rateLimits: values["rate-limits"],
    },
  };
}

function toPortal(contacts: number): PortalSeed {
  const tickets = Math.floor(contacts / 10);
  return {
    contacts,
    companies: Math.floor(contacts / 5),
    deals: Math.floor(contacts / 4),
    tickets,
    notes: Math.floor(contacts / 2),
    customObjects: [{ name: "car", records: tickets }],
  };
}

function toCounts(texts: readonly string[]): PortalSeed {
  const counts: Record<string, number> = {};
  for (const text of texts) {
    const [name = "", count = ""] = text.split("=");
    if (!isStandardTypeName(name)) throw new RangeError(`--count takes TYPE=N with a known type, not ${text}`);
    counts[name] = toWhole("count", count);
  }
  return counts;
}
