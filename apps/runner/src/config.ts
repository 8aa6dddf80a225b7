import { z } from "zod";

const MINUTE_MS = 60_000;
/** Node's timers hold no more than this (2^31 - 1 ms, about 24 days). */
const LONGEST_TIMER_MS = 2_147_483_647;

const milliseconds = z.int().positive().max(LONGEST_TIMER_MS);

const timezone = z
  .string()
  .refine(isTimezone, "expected a time zone of the IANA database, like Europe/Berlin or UTC")
  .describe("Time zone of the schedule, like Europe/Berlin.");

const jitterMs = z
  .int()
  .nonnegative()
  .max(24 * 60 * MINUTE_MS)
  .describe(
    "Scheduled runs begin up to this much later, by an amount that is always the same for a sync, in milliseconds.",
  );

const missed = z
  .enum(["once", "skip"])
  .describe("Moments that passed while no runner was there: run once for all of them, or not at all.");

const freshWithinMs = z
  .int()
  .positive()
  .describe("A sync whose last good run began longer ago than this is told of, in milliseconds.");

/** The section `runner` of the configuration. */
export const runnerConfig = z.strictObject({
  host: z.string().min(1).default("127.0.0.1").describe("Address on which the page and the metrics answer."),
  port: z.int().min(0).max(65_535).default(8737).describe("Its port; 0: a free one."),
  token: z
    .string()
    .min(1)
    .optional()
    .meta({ secret: true })
    .describe("Who knows it may use the page. Needed on any other address than this machine's own."),
  basic: z
    .strictObject({
      user: z.string().min(1).describe("User name."),
      password: z.string().min(1).meta({ secret: true }).describe("Password."),
    })
    .optional()
    .describe("User and password in place of a token, or beside it."),
  publicUrl: z
    .string()
    .min(1)
    .optional()
    .describe("Under which address people reach the page where a proxy stands in front."),
  trustedProxies: z.int().min(0).max(10).default(0).describe("How many proxies of your own stand in front."),
  timezone: timezone.default("UTC"),
  jitterMs: jitterMs.default(0),
  missed: missed.default("once"),
  maxConcurrentRuns: z
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe("Syncs that run at once. Memory (engine.maxBufferedBytes) and requests are shared by them."),
  stallMs: milliseconds
    .min(1000)
    .default(15 * MINUTE_MS)
    .describe("A source that says nothing for so long is asked again, and given up the second time, in milliseconds."),
  shutdownMs: z
    .int()
    .nonnegative()
    .max(LONGEST_TIMER_MS)
    .default(25_000)
    .describe("How long runs may take to settle what is under way when the runner is told to stop, in milliseconds."),
  alerts: z
    .strictObject({
      webhookUrl: z
        .url({ protocol: /^https?$/, error: "expected a URL that starts with https://" })
        .meta({ secret: true })
        .describe("Told once when something goes wrong, and once when it is right again."),
      format: z.enum(["json", "slack"]).default("json").describe("What is posted."),
    })
    .optional()
    .describe("Who is told when something goes wrong."),
  freshWithinMs: freshWithinMs.optional(),
});

/** The section `runner` of a sync. What is not given here is as in the section at the top. */
export const runnerSyncConfig = z.strictObject({
  timezone: timezone.optional(),
  jitterMs: jitterMs.optional(),
  missed: missed.optional(),
  freshWithinMs: freshWithinMs.optional(),
});

export type RunnerConfig = z.infer<typeof runnerConfig>;
export type RunnerSyncConfig = z.infer<typeof runnerSyncConfig>;

function isTimezone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).format(0) !== "";
  } catch {
    return false;
  }
}
