import { parseArgs } from "node:util";
import { type ProgramLine, programFlags, toWhole } from "@acme/stand-in-kit";
import type { PersonizeApiOptions } from "./options.ts";
import { isPlanName, planNames } from "./plans.ts";

/** What the command line asks for. */
export interface CommandLine extends ProgramLine<PersonizeApiOptions> {
  readonly key: string;
}

export const usage = `personize-api: a stand-in for the Personize HTTP API, for trying things by hand

  --plan NAME               ${planNames.join(" | ")} (default free)
  --port N                  0 takes any free port (default 4242)
  --key KEY                 secret key of the demo organization (default sk_test_demo)
  --file FILE               keep the store in FILE across restarts
  --landing-delay-ms N      time from acceptance of a batch to its landing (default 1000)
  --rate-unit UNIT          row | chunk | call: what a batch costs (default row)
  --credits N               credits to start with (default 100000)
  --no-event-listing        GET /events answers 404
  --quiet                   print nothing but errors
  --json                    print one line of JSON when ready: {"url","port","key"}
  --help                    this text

Example: personize-api --plan pro --port 4242 --file store.jsonl
`;

/** Reads the arguments. Throws TypeError or RangeError with a readable message for what it does not understand. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      plan: { type: "string", default: "free" },
      port: { type: "string", default: "4242" },
      key: { type: "string", default: "sk_test_demo" },
      file: { type: "string" },
      "landing-delay-ms": { type: "string" },
      "rate-unit": { type: "string", default: "row" },
      credits: { type: "string" },
      "event-listing": { type: "boolean", default: true },
      ...programFlags,
    },
    allowNegative: true,
  });
  const { plan, file } = values;
  if (!isPlanName(plan)) throw new RangeError(`--plan takes one of ${planNames.join(", ")}, not ${plan}`);
  const rateUnit = (["row", "chunk", "call"] as const).find((unit) => unit === values["rate-unit"]);
  if (rateUnit === undefined) throw new RangeError(`--rate-unit takes row, chunk or call, not ${values["rate-unit"]}`);
  const credits = values.credits === undefined ? undefined : toWhole("credits", values.credits);
  const delay = values["landing-delay-ms"];
  return {
    help: values.help,
    quiet: values.quiet,
    json: values.json,
    key: values.key,
    options: {
      port: toWhole("port", values.port),
      organizations: [
        { id: "org_demo", name: "Demo", keys: [values.key], plan, ...(credits === undefined ? {} : { credits }) },
      ],
      environment: values.key.startsWith("sk_live_") ? "live" : "test",
      rateUnit,
      eventListing: values["event-listing"],
      ...(file === undefined ? {} : { file }),
      ...(delay === undefined ? {} : { landingDelayMs: toWhole("landing-delay-ms", delay) }),
    },
  };
}
