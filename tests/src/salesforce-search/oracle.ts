import type { Json, ProvedInterval } from "@acme/sync-core";
import type { FakeDestination } from "../../../packages/sync-core/src/line/__fixtures__/fake-destination.ts";
import { differences } from "../connector-search/differences.ts";
import { judgeRecords } from "../connector-search/judge-records.ts";
import type { Excuses } from "../connector-search/run-world.ts";
import type { World } from "../fault-search/simulation/world.ts";
import type { Org } from "./org.ts";
import type { SalesforceScenario } from "./scenario.ts";

interface Expected {
  readonly id: string;
  readonly stampMs: number;
  /** What moves with the stamp. */
  readonly stamped: Readonly<Record<string, Json>>;
  /** What does not, or not always. */
  readonly others: Readonly<Record<string, Json>>;
}

/** What the destination should hold now, by record. */
export function expectedRecords({ control }: Org, { notes }: SalesforceScenario): ReadonlyMap<string, Expected> {
  const companies = new Map<string, Json>();
  for (const { id, values } of control.eachRow({ object: "Account", fields: ["Name"] }))
    companies.set(id, values["Name"] ?? null);
  const expected = new Map<string, Expected>();
  for (const { id, stampMs, values } of control.eachRow({ object: "Contact" })) {
    const { Email: email, AccountId: accountId, Score__c: score = null } = values;
    if (typeof email !== "string") continue;
    const record = email.trim().toLowerCase();
    const company = typeof accountId === "string" ? (companies.get(accountId) ?? null) : null;
    expected.set(record, {
      id,
      stampMs,
      stamped: {
        LastName: values["LastName"] ?? null,
        ...(notes === "Department" ? { [notes]: values[notes] ?? null } : {}),
      },
      others: {
        Score__c: score === null ? null : String(score),
        ...(notes === "Department" ? {} : { [notes]: company }),
      },
    });
  }
  return expected;
}

export function judgeEnd(
  world: World,
  scenario: SalesforceScenario,
  org: Org,
  destination: FakeDestination,
  excuses: Excuses,
): void {
  const expected = [...expectedRecords(org, scenario)].map(
    ([record, { id, stamped, others }]) => [record, { id, values: { ...stamped, ...others } }] as const,
  );
  judgeRecords(world, scenario, new Map(expected), destination, excuses, "org");
}

/** What is proved complete has landed: every record that was last stamped in the interval, as it is. */
export function judgeProof(
  world: World,
  scenario: SalesforceScenario,
  org: Org,
  destination: FakeDestination,
  proved: ProvedInterval,
  who: string,
): void {
  if (proved.field === null || proved.through === null) return;
  const throughMs = Date.parse(proved.through);
  const afterMs = proved.after === null ? Number.NEGATIVE_INFINITY : Date.parse(proved.after);
  const stored = destination.stored();
  for (const [record, { id, stampMs, stamped }] of expectedRecords(org, scenario)) {
    if (stampMs < afterMs || stampMs >= throughMs || org.restored.has(id)) continue;
    const held = stored.get(record);
    if (held === undefined) world.problem(`${who} proved ${proved.through}, and ${record} (${id}) has not landed`);
    else
      for (const difference of differences(stamped, held))
        world.problem(`${who} proved ${proved.through}, and ${record} (${id}) ${difference}`);
  }
}
