import type { Destination } from "../contracts/destination.ts";
import type { RateUnit } from "../contracts/line.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { StateStore } from "../contracts/state.ts";

export interface PersonizeOptions {
  readonly secretKey: string;
  readonly baseUrl: string;
  /** Of one request. */
  readonly timeoutMs: number;
  readonly maxConcurrentRequests: number;
  readonly rateUnit: RateUnit;
  /** Rows a call at most; null: chosen from the plan. */
  readonly maxRowsPerCall: number | null;
  readonly chunkSize: number;
  /** Replaces what `me()` reports; null: the plan's own. */
  readonly limitsOverride: { readonly perMinute: number | null; readonly perMonth: number | null };
  /** Label of the source system that Personize shows. */
  readonly sourceLabel: string;
  /** Keeps the pacer and the quota ledger, shared by every process that uses the same store. */
  readonly state: StateStore;
  readonly runtime: Runtime;
}

export interface PersonizeDestination extends Destination {
  /** The vendor's single `memorize`, paced and retried like everything else. */
  memorize(
    item: MemorizeItem,
    signal: AbortSignal,
  ): Promise<{ readonly eventId: string | null; readonly recordId: string | null }>;
}

export interface MemorizeItem {
  readonly content: string;
  readonly entityType: string;
  readonly email?: string;
  readonly website?: string;
  readonly recordId?: string;
  readonly customKeyName?: string;
  readonly customKey?: string;
}

export function createPersonizeDestination(options: PersonizeOptions): PersonizeDestination {
  throw new Error(`not built yet: ${options.baseUrl}`);
}
