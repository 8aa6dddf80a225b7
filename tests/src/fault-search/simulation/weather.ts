import type { Disk } from "./disk.ts";
import { JUMPS_MS } from "./scenario.ts";
import type { Service } from "./service.ts";
import type { ColumnName } from "./source-row.ts";
import type { SourceSystem } from "./source-system.ts";
import { unaborted, type World } from "./world.ts";

export interface WeatherPorts {
  readonly system: SourceSystem;
  readonly service: Service;
  readonly disk: Disk;
  /** Asks every process to end its run. */
  interrupt(): void;
}

/** What goes wrong for a while, whoever is looking: rolled once a minute until the storm is over, and all put right then. */
export async function makeWeather(world: World, ports: WeatherPorts): Promise<void> {
  const { clock, scenario, timeline } = world;
  const { faults } = scenario;
  const { system, service, disk } = ports;
  const dice = world.dice("weather");
  const hidesAnytime = scenario.deletions?.blindness === "pages";
  let jumpedMs = 0;

  async function forAWhile(begin: () => void, end: () => void, ms = dice.int(5000, 120_000)): Promise<void> {
    begin();
    await clock.sleep(ms, unaborted);
    if (world.isStormy()) end();
  }

  function jump(): void {
    const ms = dice.pick([-1, 1]) * dice.int(500, 120_000);
    if (jumpedMs + Math.max(0, ms) > JUMPS_MS) return;
    jumpedMs += Math.max(0, ms);
    world.jump(ms);
  }

  const endAt = clock.now() + scenario.stormMs;
  while (clock.now() < endAt) {
    await clock.sleep(dice.int(20_000, 100_000), unaborted);
    if (dice.chance(faults.clockJump)) jump();
    if (dice.chance(faults.diskFull)) disk.fillFor(dice.int(1000, 90_000));
    if (dice.chance(faults.interrupt)) ports.interrupt();
    if (dice.chance(faults.foreignUse)) service.useUnits(dice.int(1, 1 + (scenario.service.perMinute ?? 100) / 2));
    if (dice.chance(faults.schemaChange) && system.missing() === null) {
      const column = dice.pick<ColumnName>(["name", "notes", "email", "phone"]);
      void forAWhile(
        () => system.changeSchema(column),
        () => system.changeSchema(null),
      );
    }
    if (hidesAnytime && !system.hidesAny() && dice.chance(0.5)) {
      const keys = system.rows().flatMap(({ key }) => (dice.chance(0.4) ? [key] : []));
      void forAWhile(
        () => system.hide(keys, false),
        () => system.hide(null, false),
        dice.int(20_000, 300_000),
      );
    }
    if (dice.chance(faults.outOfCredits)) {
      timeline.note("service", () => "the credits run out for a while");
      void forAWhile(
        () => service.setCredits(false),
        () => service.setCredits(true),
      );
    }
    if (dice.chance(faults.outage) && !service.isDown()) {
      timeline.note("service", () => "is down for a while");
      void forAWhile(
        () => service.setDown(true),
        () => service.setDown(false),
        dice.int(20_000, 900_000),
      );
    }
    if (scenario.repairs > 0 && dice.chance(0.7)) service.meddle();
    if (dice.chance(faults.keyRevoked)) {
      timeline.note("service", () => "the key is revoked for a while");
      void forAWhile(
        () => service.setKeyValid(false),
        () => service.setKeyValid(true),
      );
    }
  }
  world.endStorm();
  system.changeSchema(null);
  if (scenario.deletions !== null) system.hide(null, false);
  service.setCredits(true);
  service.setDown(false);
  service.setKeyValid(true);
  service.liftMonth();
}
