import { setTimeout as sleep } from "node:timers/promises";
import { Personize } from "@personize/sdk";
import { customerRow } from "../customer-row.ts";
import type { LoopOptions } from "./loop.ts";

const SHARE_OF_THE_LIMIT = 0.9;
const SLEEP_MS = 62_000;
const WAIT_WHEN_REFUSED_MS = 60_000;

/**
 * The loop that samples show for a limit per minute: nine tenths of it in one call, then a sleep of 62 seconds. A call that is
 * accepted counts as done: nothing is asked about afterwards, and nothing is written down.
 */
export async function batchThenSleep({ url, key, perMinute, signal }: LoopOptions): Promise<void> {
  const client = new Personize({ secretKey: key, baseURL: url, maxRetries: 0 });
  const rowsPerCall = Math.floor(perMinute * SHARE_OF_THE_LIMIT);
  try {
    await client.me();
    await client.collections.list();
    for (let first = 0; !signal.aborted; first += rowsPerCall) {
      const rows = Array.from({ length: rowsPerCall }, (_, index) => customerRow(first + index));
      await sendUntilAccepted(client, rows, signal);
      await sleep(SLEEP_MS, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function sendUntilAccepted(
  client: Personize,
  rows: ReturnType<typeof customerRow>[],
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await client.memory.memorizeBatch({
        source: "benchmark",
        mapping: {
          entityType: "contact",
          email: "email",
          runName: "benchmark",
          properties: {
            first_name: { sourceField: "first_name", collectionName: "Contacts Standard Schema" },
            company: { sourceField: "company", collectionName: "Contacts Standard Schema" },
            city: { sourceField: "city", collectionName: "Contacts Standard Schema" },
            notes: { sourceField: "notes", collectionName: "Generated Content" },
          },
        },
        rows,
        chunkSize: 1,
      });
      return;
    } catch {
      // Refused for coming too fast, the only failure that the stand-in has for it here.
      await sleep(WAIT_WHEN_REFUSED_MS, undefined, { signal });
    }
  }
}
