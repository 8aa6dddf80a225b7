import type { StateStore, SyncState } from "../../contracts/state.ts";

/** How long a claim lasts that nobody renews. */
export const ttlMs = 30_000;
/** What the clock shows when a test begins. */
export const start = Date.UTC(2026, 10, 22);

/** The store of the test that runs, its clock, and who works with it. */
export interface StateWorld {
  readonly store: StateStore;
  /** Milliseconds since the epoch, as every opened store sees it. */
  clock: number;
  /** Where the store is kept. */
  readonly place: string;
  /** Goes on with an empty store at a new place. The one before stays open. */
  move(): Promise<void>;
  /** Opens a place once more, as another process would. Closed after the test. */
  openAgain(place?: string): Promise<StateStore>;
  /** @throws Error when somebody else holds it. */
  claim(holder?: string, sync?: string, through?: StateStore): Promise<SyncState>;
  /** Records that are to be deleted and may be looked at now. */
  leftBy(state: SyncState, limit: number): Promise<string[]>;
}
