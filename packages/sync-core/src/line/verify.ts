import type { Engine, Resend, SyncJob, VerifyReport } from "../contracts/job.ts";
import type { MappedRow } from "../contracts/line.ts";
import type { Receipt } from "../contracts/receipt.ts";
import type { Row } from "../contracts/source.ts";
import { isBlurred } from "./blur.ts";
import { createDigester, isNothing } from "./digest.ts";
import { diff } from "./diff.ts";
import { identityOf } from "./identity-of.ts";
import { map } from "./map.ts";
import { prepare } from "./prepare.ts";
import { read } from "./read.ts";
import { runSync } from "./run-sync.ts";
import { createSample } from "./sample.ts";
import { sameValue } from "./same-value.ts";

export interface VerifyOptions {
  /** How many rows to read back, chosen evenly by chance; null: every row. */
  readonly sample: number | null;
  /**
   * Send the rows that are missing or differ once more, as they are by then, and with them those of which nobody knows what is
   * stored. Should that be cut short, they stay parked.
   */
  readonly repair: boolean;
  readonly signal: AbortSignal;
}

interface Candidate {
  readonly source: Row;
  readonly row: MappedRow;
}

/**
 * Reads the source once more and, for a sample of the rows that should have landed, reads the destination back: structured
 * values by `search`, memories of extracted text by `smartDigest`. Costs one call a row, two where text is extracted.
 */
export async function verifySync(job: SyncJob, engine: Engine, options: VerifyOptions): Promise<VerifyReport> {
  const { mapping, narrowed } = await prepare(job, engine, options.signal);
  const digester = createDigester(mapping);
  const sample = createSample<Candidate>(options.sample ?? 0, engine.runtime);
  const missing: string[] = [];
  const different: { key: string; properties: readonly string[] }[] = [];
  const withoutMemories: string[] = [];
  const wrong: string[] = [];
  const inDoubt: string[] = [];
  let rowsRead = 0;
  let checked = 0;
  let notLanded = 0;

  async function readBack({ source, row }: Candidate): Promise<void> {
    checked += 1;
    const hasText = row.extracting.some((value) => !isNothing(value));
    const stored = await engine.destination.lookup(identityOf(source.fields, mapping), hasText, options.signal);
    const properties = mapping.structured.filter(
      (property, index) => stored !== null && !sameValue(row.structured[index], stored.properties[property.name]),
    );
    const forgotten = stored !== null && hasText && stored.memoryCount === 0;
    if (stored === null) missing.push(row.key);
    if (properties.length > 0)
      different.push({ key: row.key, properties: properties.map((property) => property.name) });
    if (forgotten) withoutMemories.push(row.key);
    if (stored === null || properties.length > 0 || forgotten) wrong.push(row.key);
  }

  const repair = (): Promise<Receipt> => {
    const resend: Resend = { keys: [...wrong, ...inDoubt], distrusted: true, onGone: () => undefined };
    return runSync(job, engine, { limit: null, full: false, drain: options.signal, resend });
  };

  const ports = { runtime: engine.runtime, signal: options.signal, onFault: () => undefined };
  for await (const page of read(job.source, narrowed, null, ports)) {
    rowsRead += page.rows.length;
    const sources = new Map(page.rows.map((row) => [row.key, row]));
    const mapped = map(page.rows, mapping);
    const known = await engine.state.known(
      job.name,
      mapped.rows.map((row) => row.key),
    );
    notLanded += mapped.parked.length;
    for (const row of mapped.rows) {
      const source = sources.get(row.key);
      const landed = known.get(row.key)?.landed ?? null;
      if (landed !== null && isBlurred(landed)) inDoubt.push(row.key);
      const asLanded = landed !== null && diff([row], known, digester, job.deletes !== undefined).changed.length === 0;
      if (!asLanded || source === undefined) notLanded += 1;
      else if (options.sample === null) await readBack({ source, row });
      else sample.offer({ source, row });
    }
  }
  for (const candidate of sample.chosen()) await readBack(candidate);

  return {
    sync: job.name,
    rowsRead,
    checked,
    equal: checked - wrong.length,
    notLanded,
    missing,
    different,
    withoutMemories,
    repaired: options.repair && wrong.length + inDoubt.length > 0 ? await repair() : null,
  };
}
