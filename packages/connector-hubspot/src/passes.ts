import type { ProvedInterval } from "@acme/sync-core";
import { type Pass, type RecordCursor, toWindow } from "./cursor.ts";
import type { Part, Reading } from "./reading.ts";
import { readWindow } from "./read-window.ts";

/**
 * The pass that proves: it stays `lagMs` behind HubSpot's clock, where the search index is complete, and begins `overlapMs` before
 * the end of the pass before it.
 */
export async function* readExactly(reading: Reading, start: RecordCursor): AsyncGenerator<Part> {
  const { client, config, subject } = reading;
  let cursor = start;
  let pass = cursor.exact;
  if (pass === null) return;
  for (let isResumed = pass.window !== null; ; isResumed = false) {
    if (!isResumed) {
      const nowMs = client.serverNow();
      if (nowMs - pass.atMs < config.exactEveryMs) return;
      const window = toWindow(pass.throughMs, nowMs - config.lagMs, config.overlapMs);
      if (window === null) return;
      pass = { ...pass, atMs: nowMs, window };
    }
    if (pass.window === null) return;
    const throughMs: number = pass.window.throughMs;
    for await (const { rows, at } of readWindow(reading, pass.window)) {
      const before: Pass = pass;
      pass = at === null ? { ...before, throughMs, window: null } : { ...before, window: at };
      const provedMs: number | null = at === null ? throughMs : cursor.provedMs;
      const proved: ProvedInterval | null =
        at === null
          ? {
              field: subject.modifiedProperty,
              after: toIso(cursor.provedMs),
              through: new Date(throughMs).toISOString(),
            }
          : null;
      cursor = { ...cursor, exact: pass, provedMs };
      if (at === null) reading.notices.push(...toNotice(config.lagMs));
      yield { rows, cursor, proved };
    }
    if (!isResumed) return;
  }
}

/** The pass for freshness: everything since the exact pass that is searchable already. It proves nothing, and loses nothing for it. */
export async function* readLive(reading: Reading, start: RecordCursor): AsyncGenerator<Part> {
  const { client, config } = reading;
  let cursor = start;
  let pass = cursor.live;
  if (pass === null || !config.live) return;
  for (let isResumed = pass.window !== null; ; isResumed = false) {
    if (!isResumed) {
      const fromMs = Math.max(pass.throughMs - config.liveOverlapMs, cursor.exact?.throughMs ?? 0);
      const window = toWindow(fromMs, client.serverNow(), 0);
      if (window === null) return;
      pass = { ...pass, window };
    }
    if (pass.window === null) return;
    const throughMs: number = pass.window.throughMs;
    for await (const { rows, at } of readWindow(reading, pass.window)) {
      const before: Pass = pass;
      pass = at === null ? { throughMs, atMs: throughMs, window: null } : { ...before, window: at };
      cursor = { ...cursor, live: pass };
      yield { rows, cursor, proved: null };
    }
    if (!isResumed) return;
  }
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

const MINUTE_MS = 60_000;

function toNotice(lagMs: number): readonly string[] {
  const minutes = Math.round(lagMs / MINUTE_MS);
  return minutes < 1
    ? []
    : [
        `HubSpot's search shows changes late: they are read as soon as it shows them, and proved complete ${minutes} minutes after they were made`,
      ];
}
