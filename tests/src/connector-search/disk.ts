import type { Files } from "@acme/api-source";
import type { SimulatedProcess } from "../fault-search/simulation/process.ts";
import { unaborted, type World } from "../fault-search/simulation/world.ts";

/** The files of the host, which outlive its processes. */
export interface Disk {
  files(process: SimulatedProcess): Files;
  text(path: string): string | null;
}

export function createDisk(world: World): Disk {
  const { clock } = world;
  const stored = new Map<string, string>();
  const holders = new Map<string, { readonly number: number; renewals: number }>();
  let taken = 0;

  return {
    text: (path) => stored.get(path) ?? null,
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
        read: (path) => act(`read ${path}`, () => stored.get(path) ?? null),
        replace: (path, text) => act(`write ${path}`, () => void stored.set(path, text)),
        takeLock: async (path) => {
          const { holder, isOurs, version } = await act(`take ${path}`, () => {
            const known = holders.get(path);
            const found = known ?? { number: (taken += 1), renewals: 0 };
            holders.set(path, found);
            return { holder: found, isOurs: known === undefined, version: `${found.number} ${found.renewals}` };
          });
          return {
            isOurs,
            version,
            renew: () => act(`renew ${path}`, () => void (holder.renewals += 1)),
            end: () => act(`end ${path}`, () => void (holders.get(path) === holder && holders.delete(path))),
          };
        },
      };
    },
  };
}
