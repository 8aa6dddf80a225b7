import { z } from "zod";
import { mappingConfig } from "../mapping/mapping-config.ts";

/** The newest form of the configuration that this program understands. */
const NEWEST_VERSION = 1;
const MEBIBYTE = 1024 * 1024;
const MINUTE_MS = 60_000;
/** Node's timers hold no more than this (2^31 - 1 ms, about 24 days). */
const LONGEST_TIMER_MS = 2_147_483_647;

const milliseconds = z.int().positive().max(LONGEST_TIMER_MS);

const version = z
  .int()
  .positive()
  .superRefine((value, context) => {
    if (value > NEWEST_VERSION) {
      context.addIssue({
        code: "custom",
        message: `this file is written for configuration version ${value}; this program understands up to version ${NEWEST_VERSION}. Install a newer version of it`,
      });
    }
  })
  .optional()
  .describe("Version of this file's form. Default: 1.");

export const personizeConfig = z.strictObject({
  secretKey: z
    .string()
    .min(1)
    .optional()
    .meta({ secret: true })
    .describe("Secret key of the organisation (sk_…). Default: the environment variable PERSONIZE_SECRET_KEY."),
  baseUrl: z
    .url({ protocol: /^https?$/, error: "expected a URL that starts with https://" })
    .default("https://agent.personize.ai")
    .describe("Where the Personize API answers."),
  timeoutMs: milliseconds.default(MINUTE_MS).describe("How long one request may take, in milliseconds."),
  rateUnit: z
    .enum(["row", "chunk", "call"])
    .default("row")
    .describe("What the plan's limits are taken to count. `row` is the safe reading: it never exceeds them."),
  maxRowsPerCall: z.int().min(1).max(5000).optional().describe("Rows in one request at most. Default: chosen by plan."),
  chunkSize: z.int().min(1).max(500).optional().describe("Rows that Personize works on together. Default: 1."),
  maxConcurrentRequests: z
    .int()
    .min(1)
    .max(20)
    .default(4)
    .describe("Requests under way at once. Standard plans allow 5 an organisation."),
  limitsOverride: z
    .strictObject({
      perMinute: z.int().positive().optional().describe("Units a minute."),
      perMonth: z.int().positive().optional().describe("Units a month."),
    })
    .optional()
    .describe("Replaces the limits that the plan reports, to leave some of it to others."),
});

const engineConfig = z.strictObject({
  maxBufferedBytes: z
    .int()
    .min(MEBIBYTE)
    .default(64 * MEBIBYTE)
    .describe("Rows held in memory at once, in bytes."),
  landingTimeoutMs: milliseconds
    .default(30 * MINUTE_MS)
    .describe("How long an accepted batch may take to land before a run leaves it to the next one, in milliseconds."),
  interruptGraceMs: z
    .int()
    .nonnegative()
    .max(LONGEST_TIMER_MS)
    .default(20_000)
    .describe("How long an interrupted run goes on asking what became of accepted batches, in milliseconds."),
  lateLandingMs: z
    .int()
    .nonnegative()
    .max(LONGEST_TIMER_MS)
    .default(10 * MINUTE_MS)
    .describe("How long an earlier copy of a batch whose reply was lost may still land, in milliseconds."),
  readBackRecords: z
    .int()
    .nonnegative()
    .max(10_000)
    .default(12)
    .describe("Records that a run reads back at most after replies were lost, a call each. 0: none."),
});

const state = z
  .string()
  .min(1)
  .default(".sync/state.db")
  .describe(
    "Where cursors, digests and receipts are kept: a file, relative to the configuration file, or postgres://… for several machines.",
  );

/** Share of the landed rows that one run may delete unless it is told otherwise. */
export const DEFAULT_MAX_DELETE_SHARE = 0.05;

const deletes = z
  .enum(["ignore", "delete"])
  .default("ignore")
  .describe(
    "What happens to a record whose row is gone at the source: it stays (ignore), or is deleted, restorable for 30 days (delete).",
  );

const maxDeleteShare = z
  .number()
  .positive()
  .max(1)
  .optional()
  .describe(
    `Share of the landed rows that one run may delete, 20 rows at least; more stops it. Default: ${DEFAULT_MAX_DELETE_SHARE}.`,
  );

const syncEntry = z.strictObject({
  connector: z.string().min(1).describe("Which connector reads the source: postgres, hubspot, …"),
  source: z
    .record(z.string(), z.unknown())
    .describe("Options of the connector; `--help` of its program and its documentation name them."),
  mapping: mappingConfig.optional().describe("Which field becomes which property, and what identifies a record."),
  deletes,
  maxDeleteShare,
  schedule: z.string().min(1).optional().describe("Cron expression; read by the runner only."),
  runner: z.record(z.string(), z.unknown()).optional().describe("Options of this sync that only the runner reads."),
});

/** Letters, digits, `-`, `_` and `.`: a sync's name is part of file names, metrics and messages. */
const SYNC_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The configuration file. `source` is checked by the connector's own schema afterwards, `runner` by the runner's. */
export const syncConfig = z.strictObject({
  version,
  personize: personizeConfig.prefault({}),
  state,
  engine: engineConfig.prefault({}),
  runner: z.record(z.string(), z.unknown()).optional().describe("Options that only the runner reads."),
  syncs: z
    .record(
      z
        .string()
        .regex(SYNC_NAME, "a sync's name is made of letters, digits, - _ and ., and starts with a letter or digit"),
      syncEntry,
    )
    .refine((syncs) => Object.keys(syncs).length > 0, { message: "name at least one sync" })
    .describe("One entry for each source that is brought into Personize."),
});

export type SyncConfig = z.infer<typeof syncConfig>;
export type PersonizeSettings = z.infer<typeof personizeConfig>;
