import type { Alert, Pace, QueueEntry, Receipt, RunQueue, StateStore, SyncSummary } from "@acme/sync-core";
import type { LoadedSync } from "@acme/sync-core/program";
import type { EnginePort } from "../contracts/engine-port.ts";
import {
  type QuotaView,
  type RecentRun,
  RECENT_RUNS,
  type RecordAnswer,
  type RunnerView,
  type RunView,
  type SyncView,
} from "../contracts/runner-view.ts";
import { endInWords } from "../runs/timeline.ts";
import type { LiveRuns } from "../runs/live-runs.ts";
import { whatItWaitsFor } from "./what-it-waits-for.ts";
