import type { Json, ProvedInterval } from "@acme/sync-core";
import type { FakeDestination } from "../../../packages/sync-core/src/line/__fixtures__/fake-destination.ts";
import { toText } from "../connector-search/differences.ts";
import { judgeRecords } from "../connector-search/judge-records.ts";
import type { Excuses } from "../connector-search/run-world.ts";
import type { World } from "../fault-search/simulation/world.ts";
import { CALCULATED, type Portal } from "./portal.ts";
import type { HubspotScenario } from "./scenario.ts";

interface Expected {
  readonly id: string;
  readonly modifiedAtMs: number;
  readonly values: Readonly<Record<string, Json>>;
}

/** What the destination should hold now, by record. */
export function expectedRecords(portal: Portal, scenario: HubspotScenario): ReadonlyMap<string, Expected> {
  const expected = new Map<string, Expected>();
  for (const record of portal.control.eachRecord({ type: "contacts" })) {
    const { email, firstname, city } = record.properties;
    if (email === undefined || email === "") continue;
    expected.set(email.trim().toLowerCase(), {
      id: record.id,
      modifiedAtMs: record.modifiedAtMs,
      values: {
        firstname: firstname ?? null,
        ...(scenario.mapsAssociations ? {} : { city: city ?? null }),
        ...(scenario.mapsCalculated ? { [CALCULATED]: record.properties[CALCULATED] ?? null } : {}),
        ...(scenario.mapsAssociations
          ? { "associations.companies": portal.control.associated("contacts", record.id, "companies") }
          : {}),
      },
    });
  }
  return expected;
}

export function judgeEnd(
  world: World,
  scenario: HubspotScenario,
  portal: Portal,
  destination: FakeDestination,
  excuses: Excuses,
): void {
  judgeRecords(world, scenario, expectedRecords(portal, scenario), destination, excuses, "portal");
}

/** What is proved complete has landed: every record that was last modified in the interval, as it is. */
export function judgeProof(
  world: World,
  scenario: HubspotScenario,
  portal: Portal,
  destination: FakeDestination,
  proved: ProvedInterval,
  who: string,
): void {
  if (proved.field === null || proved.through === null) return;
  const throughMs = Date.parse(proved.through);
  const afterMs = proved.after === null ? Number.NEGATIVE_INFINITY : Date.parse(proved.after);
  const stored = destination.stored();
  for (const [record, { id, modifiedAtMs, values }] of expectedRecords(portal, scenario)) {
    if (modifiedAtMs <= afterMs || modifiedAtMs > throughMs) continue;
    if (portal.restored.has(id)) continue;
    const held = stored.get(record);
    if (held === undefined) world.problem(`${who} proved ${proved.through}, and ${record} (${id}) has not landed`);
    else if (held["firstname"] !== values["firstname"]) {
      world.problem(
        `${who} proved ${proved.through}, and ${record} (${id}) is ${toText(held["firstname"])}, not ${toText(values["firstname"])}`,
      );
    }
  }
}
