import { createHash } from "node:crypto";
import type { Runtime } from "@acme/sync-core";

/**
 * What all sources of a process share when they use the same credential: limits count a token, not a source. Kept per runtime, so
 * that two engines under different clocks do not meet.
 */
const registries = new WeakMap<object, Map<string, unknown>>();

/** The value for `key`, made on first use. `key` may hold secrets: only its digest is kept. */
export function share<Value>(runtime: Runtime, kind: string, key: readonly string[], make: () => Value): Value {
  const anchor: object = runtime.sleep;
  let registry = registries.get(anchor);
  if (registry === undefined) {
    registry = new Map();
    registries.set(anchor, registry);
  }
  const digest = createHash("sha256")
    .update(JSON.stringify([kind, ...key]))
    .digest("hex");
  const known = registry.get(digest);
  // Kinds keep the types apart: a kind is only ever asked for by the function that makes its values.
  if (known !== undefined) return known as Value;
  const made = make();
  registry.set(digest, made);
  return made;
}
