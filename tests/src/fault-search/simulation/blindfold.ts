import type { StateStore } from "@acme/sync-core";
import { FEWEST_ALLOWED } from "./deletion-scenario.ts";
import type { SourceSystem } from "./source-system.ts";
import { SYNC } from "./worker-ports.ts";
import { unaborted, type World } from "./world.ts";

/**
 * Lets a source go blind that does not know it, right before a run begins. Only when no reading is under way, nor one that is
 * complete and still to be acted on: of a source that has shown rows before, nobody could tell that it went blind. Another filter
 * can be told at any time.
 */
export async function maybeBlind(world: World, system: SourceSystem, store: StateStore): Promise<void> {
  const { deletions } = world.scenario;
  const dice = world.dice(`blindfold ${world.clock.now()}`);
  const blindness = deletions?.blindness ?? null;
  const isSudden = blindness !== null && blindness !== "pages";
  // Options are read when a run begins, and stay what they are until it ends.
  if (blindness === "filter" && system.hidesAny() && dice.chance(0.3)) system.hide(null, false);
  if (deletions === null || !isSudden || system.hidesAny() || !dice.chance(0.4)) return;
  const summary = await store.summary(SYNC);
  if (summary === null || summary.landedRows === 0) return;
  // Without a cursor the first reading is under way, whatever has landed of it.
  const isRead = summary.enumeration === "none" || summary.enumeration === "ended";
  const isAtRest = isRead && summary.cursor !== null;
  if (!isAtRest && blindness !== "filter") return;

  const keys = system.shown().map(({ key }) => key);
  if (blindness === "everything") blind("everything");
  if (blindness === "filter" || blindness === "honest") blind(keys.filter(() => dice.chance(0.5)));
  if (blindness === "most") {
    const hidden = keys.slice(dice.int(1, 4));
    const known = await store.known(SYNC, hidden);
    const existing = hidden.filter((key) => system.partOf(key) !== null && known.get(key)?.landed != null);
    if (existing.length > Math.max(FEWEST_ALLOWED, summary.landedRows * deletions.maxShare)) blind(hidden);
  }

  function blind(hidden: "everything" | readonly string[]): void {
    system.hide(hidden, true);
    if (blindness === "filter") return;
    void world.clock.sleep(dice.int(60_000, 400_000), unaborted).then(() => {
      if (world.isStormy()) system.hide(null, false);
    });
  }
}
