import type { SimulatedProcess } from "../fault-search/simulation/process.ts";

/**
 * The same object as seen by a process that can die: once it is dead no method has an effect and none returns. Methods that
 * answer at once stay as they are.
 * @param before is called before a method, with its name and arguments.
 */
export function makeMortal<T extends object>(
  target: T,
  process: SimulatedProcess,
  immediate: readonly string[],
  before: (name: string, args: readonly unknown[]) => void = () => undefined,
): T {
  return new Proxy(target, {
    get(real, name) {
      const value: unknown = Reflect.get(real, name);
      if (typeof value !== "function" || typeof name !== "string" || immediate.includes(name)) return value;
      return (...args: unknown[]): Promise<unknown> =>
        process.call(name, async () => {
          before(name, args);
          const result: unknown = await Reflect.apply(value, real, args);
          // The state of one sync, which a claim gives.
          return name === "claim" && typeof result === "object" && result !== null
            ? makeMortal(result, process, immediate, before)
            : result;
        });
    },
  });
}
