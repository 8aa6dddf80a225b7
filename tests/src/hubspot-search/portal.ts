import { type Control, type OpenHubspotApi, openHubspotApi } from "@acme/hubspot-api";
import { unaborted, type World } from "../fault-search/simulation/world.ts";
import type { HubspotScenario } from "./scenario.ts";

export const TOKEN = "pat-eu1-simulated";
/** Moves without the modified date, as a rollup does. */
export const CALCULATED = "open_deals";

/** A portal with people at work in it, on the world's clock. */
export interface Portal {
  readonly api: OpenHubspotApi;
  readonly control: Control;
  /** Records that were archived for a while: they come back with their old date, which no pass by date can see. */
  readonly restored: ReadonlySet<string>;
  /** Writes until the storm is over. */
  write(): Promise<void>;
}

const cities = ["Oslo", "Rome", "", "Lagos", null] as const;

export function createPortal(world: World, scenario: HubspotScenario): Portal {
  const { clock, timeline } = world;
  const { writers, knobs } = scenario;
  const dice = world.dice("writers");
  const api = openHubspotApi({
    now: () => clock.now(),
    apps: [{ kind: "private-app", token: TOKEN }],
    portal: { fullSchemas: false, companies: scenario.companies, untilMs: clock.now() - 3_600_000, days: 1 },
    ...knobs,
  });
  const { control } = api;
  control.defineProperty("contacts", { name: CALCULATED, type: "number", fieldType: "calculation_rollup" });
  const companies = control.records({ type: "companies" }).map(({ id }) => id);
  const archived: string[] = [];
  const restored = new Set<string>();
  let people = 0;

  /** The date that a change gets: the beginning of its tick. */
  const stamp = (): number => Math.floor(clock.now() / writers.tickMs) * writers.tickMs;
  const live = (): readonly string[] => control.records({ type: "contacts", properties: [] }).map(({ id }) => id);
  const note = (what: string): void => timeline.note("portal", () => what);

  function create(atMs: number): void {
    people += 1;
    // Some have no address and can never be delivered.
    const email = dice.chance(0.05) ? null : `Person${people}@people.example`;
    const id = control.create(
      "contacts",
      { email, firstname: `v1 of ${people}`, city: dice.pick(cities), [CALCULATED]: "0" },
      { atMs },
    );
    note(`${id} is created, ${email ?? "without address"}, dated ${atMs}`);
  }

  function change(id: string): void {
    const firstname = `v${dice.int(2, 1_000_000)}`;
    control.update("contacts", id, { firstname, city: dice.pick(cities) }, { atMs: stamp() });
    note(`${id} becomes ${firstname}, dated ${stamp()}`);
  }

  function changeMany(): void {
    const ids = live().filter(() => dice.chance(0.7));
    control.updateMany("contacts", ids, { firstname: `bulk ${dice.int(1, 1_000_000)}` }, { atMs: stamp() });
    note(`${ids.length} records are changed at once, dated ${stamp()}: ${ids.join(" ")}`);
  }

  /** One always stays: a source that shows nothing at all is never believed. */
  function removeOne(): void {
    const ids = live();
    const id = ids[dice.int(1, ids.length - 1)];
    const other = ids[dice.int(1, ids.length - 1)];
    if (id === undefined || other === undefined) return;
    const how = dice.pick(
      scenario.reconciles ? ["archive", "archive", "merge", "erase", "restore"] : ["archive", "merge"],
    );
    if (how === "archive") {
      control.archive("contacts", id);
      archived.push(id);
      note(`${id} is archived`);
    } else if (how === "merge" && id !== other) {
      note(`${other} is merged into ${id}: ${control.merge("contacts", id, other)}`);
    } else if (how === "erase") {
      control.gdprDelete("contacts", id);
      note(`${id} is deleted for good`);
    } else if (how === "restore") {
      const back = archived.pop();
      if (back === undefined || control.record("contacts", back)?.archived !== true) return;
      control.restore("contacts", back);
      restored.add(back);
      note(`${back} is restored`);
    }
  }

  function changeSilently(id: string): void {
    if (scenario.mapsAssociations && dice.chance(0.5)) {
      const company = companies[dice.int(0, companies.length - 1)] ?? "";
      const has = control.associated("contacts", id, "companies").includes(company);
      if (has) control.dissociate("contacts", id, "companies", company);
      else control.associate("contacts", id, "companies", company, dice.chance(0.3) ? "Decision maker" : undefined);
      note(`${id} ${has ? "leaves" : "joins"} company ${company}`);
    } else {
      control.update("contacts", id, { [CALCULATED]: String(dice.int(0, 99)) }, { touch: false });
      note(`a rollup of ${id} is calculated anew`);
    }
  }

  function act(): void {
    const ids = live();
    const id = ids[dice.int(0, ids.length - 1)];
    if (id === undefined || dice.chance(0.15)) create(stamp());
    else if (dice.chance(writers.bulk)) changeMany();
    else if (dice.chance(writers.removals)) removeOne();
    else if (dice.chance(writers.silent)) changeSilently(id);
    else change(id);
  }

  for (let index = 0; index < scenario.contacts; index += 1) {
    create(clock.now() - 3_600_000 + Math.floor(dice.int(0, 600_000) / writers.tickMs) * writers.tickMs);
  }
  control.settleIndex();

  return {
    api,
    control,
    restored,
    async write() {
      for (;;) {
        await clock.sleep(dice.around(writers.everyMs), unaborted);
        if (!world.isStormy()) return;
        for (let count = dice.int(1, writers.changesAtOnce); count > 0; count -= 1) act();
      }
    },
  };
}
