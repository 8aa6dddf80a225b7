import { ConfigError } from "@acme/sync-core";
import type { HubspotClient } from "./hubspot-client.ts";
import type { ObjectType } from "./object-types.ts";

/** How long a property that no record of an answer showed is believed to exist all the same. */
const BELIEVED_MS = 60_000;

export interface Presence {
  /** Makes sure that properties which an answer did not show exist. @throws ConfigError with the name of one that does not. */
  confirm(names: readonly string[], signal: AbortSignal): Promise<void>;
}

/**
 * HubSpot leaves out names that it does not know, without a word: a property that is archived in the middle of a run would read as
 * empty from then on. Defined properties without a value come as null, as far as is known; where they are left out as well, the look
 * at the definitions costs a call a minute.
 */
export function createPresence(
  client: HubspotClient,
  type: ObjectType,
  readNames: (signal: AbortSignal) => Promise<ReadonlySet<string>>,
): Presence {
  const confirmedAt = new Map<string, number>();
  return {
    async confirm(names, signal) {
      const isBelieved = (name: string): boolean =>
        client.serverNow() - (confirmedAt.get(name) ?? Number.NEGATIVE_INFINITY) < BELIEVED_MS;
      if (names.every(isBelieved)) return;
      const existing = await readNames(signal);
      for (const name of names) {
        if (!existing.has(name)) throw goneProperty(type, name);
        confirmedAt.set(name, client.serverNow());
      }
    },
  };
}

export function goneProperty(type: ObjectType, name: string): ConfigError {
  return new ConfigError(`${type.name} has no property "${name}" (any more)`, {
    hint: "It was archived or renamed in HubSpot: bring it back there, or correct the mapping. `discover` lists what there is.",
  });
}
