import { createHash } from "node:crypto";
import type { Runtime } from "@acme/sync-core";

/** Finds the value of a credential, or makes it on first use. The key may hold secrets: only its digest is kept. */
export type Shared<Value> = (runtime: Runtime, key: readonly string[], make: () => Value) => Value;

/**
 * What all sources of a process share when they use the same credential: limits count a token, not a source. Kept per runtime, so
 * that two engines under different clocks do not meet.
 */
export function createShared<Value>(): Shared<Value> {
  const registries = new WeakMap<Runtime, Map<string, Value>>();
  return (runtime, key, make) => {
    const registry = registries.get(runtime) ?? new Map<string, Value>();
    registries.set(runtime, registry);
    const digest = createHash("sha256").update(JSON.stringify(key)).digest("hex");
    const known = registry.get(digest);
    if (known !== undefined) return known;
    const made = make();
    registry.set(digest, made);
    return made;
  };
}
