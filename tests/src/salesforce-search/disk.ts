import type { Files } from "../../../packages/connector-salesforce/src/files.ts";
import type { SimulatedProcess } from "../fault-search/simulation/process.ts";
import { unaborted, type World } from "../fault-search/simulation/world.ts";

/** The files of the host, which outlive its processes. */
export interface Disk {
  files(process: SimulatedProcess): Files;
  text(path: string): string | null;
}

export function createDisk(world: World): Disk {
  const { clock } = world;
  const stored = new Map<string, { readonly text: string; readonly writtenMs: number }>();

  return {
    text: (path) => stored.get(path)?.text ?? null,
    files(process) {
      const dice = world.dice(`disk of ${process.name}`);
      /** What happens on the disk happens at one moment, and the process hears of it later, or never. */
      const act = <Result>(what: string, effect: () => Result): Promise<Result> =>
        process.call(what, async () => {
          await clock.sleep(dice.int(0, 10), unaborted);
          const result = effect();
          await clock.sleep(dice.int(0, 10), unaborted);
          return result;
        });
      return {
        read: (path) => act(`read ${path}`, () => stored.get(path)?.text ?? null),
        replace: (path, text) => act(`write ${path}`, () => void stored.set(path, { text, writtenMs: clock.now() })),
        create: (path) =>
          act(`make ${path}`, () => {
            if (stored.has(path)) return false;
            stored.set(path, { text: "", writtenMs: clock.now() });
            return true;
          }),
        remove: (path) => act(`remove ${path}`, () => void stored.delete(path)),
        ageMs: (path) =>
          act(`look at ${path}`, () => {
            const file = stored.get(path);
            return file === undefined ? null : clock.now() - file.writtenMs;
          }),
      };
    },
  };
}
