import { plant, type PlantedBug, uproot } from "./plant.ts";
import { searchInProcess } from "./search-in-process.ts";

/** What became of a planted bug. */
export interface Catch {
  readonly bug: string;
  /** The first seed that found it; null: none did. */
  readonly seed: number | null;
  /** What that seed found, or why the bug could not be hunted. */
  readonly words: string;
  readonly seeds: number;
}

/** A bug that makes a world go round in circles shows itself by taking so long. */
const MAX_HUNT_MS = 240_000;

/** Plants a bug and searches until a seed finds it, `seeds` at most. */
export async function hunt(bug: PlantedBug, seeds: number, sources?: string): Promise<Catch> {
  const planted = await plant(bug, sources);
  try {
    const { found, seeds: searched } = await searchInProcess({
      from: bug.from ?? 1,
      seeds,
      stopAtFirst: true,
      engine: planted.engine,
      source: planted.source,
      timeoutMs: MAX_HUNT_MS,
      onFound: () => undefined,
    });
    const [first] = found;
    return { bug: bug.name, seed: first?.seed ?? null, words: first?.problems[0] ?? "nothing found", seeds: searched };
  } finally {
    await uproot(planted);
  }
}

/** Hunts one bug after the other, `hunters` of them at once. */
export async function huntAll(
  bugs: readonly PlantedBug[],
  seeds: number,
  hunters: number,
  onCatch: (caught: Catch) => void = () => undefined,
): Promise<readonly Catch[]> {
  const waiting = [...bugs];
  const catches: Catch[] = [];
  async function hunter(): Promise<void> {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const { name } = bug;
      const caught = await hunt(bug, seeds).catch(
        (error: unknown): Catch => ({ bug: name, seed: null, words: String(error), seeds: 0 }),
      );
      catches.push(caught);
      onCatch(caught);
    }
  }
  await Promise.all(Array.from({ length: hunters }, hunter));
  return catches;
}
