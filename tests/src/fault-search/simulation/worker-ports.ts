import type { StateStore } from "@acme/sync-core";
import type { EngineModules } from "../engine-under-test.ts";
import type { ClaimWatch } from "./claim-watch.ts";
import type { DeletionWatch } from "./deletion-watch.ts";
import type { RepairWatch } from "./repair-watch.ts";
import type { Disk } from "./disk.ts";
import type { Service } from "./service.ts";
import type { SourceSystem } from "./source-system.ts";
import type { World } from "./world.ts";

export const SYNC = "customers";

export interface WorkerPorts {
  readonly world: World;
  readonly engine: EngineModules;
  /** The real store, kept by the disk that all processes share. */
  readonly store: StateStore;
  readonly system: SourceSystem;
  readonly service: Service;
  readonly disk: Disk;
  readonly claims: ClaimWatch;
  readonly deletionWatch: DeletionWatch;
  readonly repairWatch: RepairWatch;
  /** Names of the processes that are known to be dead. */
  readonly graveyard: Set<string>;
}
