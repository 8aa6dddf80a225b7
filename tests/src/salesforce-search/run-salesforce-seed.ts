import { type Receipt, type Runtime, SyncError } from "@acme/sync-core";
import { salesforceConfig } from "../../../packages/connector-salesforce/src/config.ts";
import type { createSalesforceSource } from "../../../packages/connector-salesforce/src/source.ts";
import { mappingConfig } from "../../../packages/sync-core/src/mapping/mapping-config.ts";
import { runWorld, type Scene } from "../connector-search/run-world.ts";
import type { SeedResult } from "../connector-search/seed-result.ts";
import { createProcess, type SimulatedProcess } from "../fault-search/simulation/process.ts";
import { unaborted, type World } from "../fault-search/simulation/world.ts";
import { createDisk } from "../connector-search/disk.ts";
import { createGrants } from "./grants.ts";
import { judgeEnd, judgeProof } from "./oracle.ts";
import { createOrg } from "./org.ts";
import { drawSalesforceScenario, type SalesforceScenario } from "./scenario.ts";
import { createTransport } from "./transport.ts";
import { makeWeather } from "./weather.ts";

export interface SalesforceModules {
  readonly createSalesforceSource: typeof createSalesforceSource;
}

/** Lives through one world: an org, and the connector that reads it. */
export async function runSalesforceSeed(seed: number, modules: SalesforceModules, told = false): Promise<SeedResult> {
  const scenario = drawSalesforceScenario(seed);
  return await runWorld(scenario, (world) => createScene(world, scenario, modules), told);
}

function createScene(world: World, scenario: SalesforceScenario, modules: SalesforceModules): Scene {
  world.jump(scenario.skewMs);
  const org = createOrg(world, scenario);
  const { control } = org;
  const disk = createDisk(world);
  const grants = createGrants(world, scenario, control, disk);

  /** By process: which authorisation it was started with. */
  const opened = new Map<string, number>();

  const open = (process: SimulatedProcess, runtime: Runtime, interrupt: () => void) => {
    // After the storm somebody has seen to it.
    if (!world.isStormy() && grants.isLost()) grants.renew();
    opened.set(process.name, grants.renewals());
    const config = salesforceConfig.parse({ ...grants.config(), ...scenario.source });
    const transport = createTransport({ world, scenario, org, grants, interrupt }, process);
    return modules.createSalesforceSource(config, runtime, { transport, files: disk.files(process) });
  };

  /** Another sync of the same host, which shares the tokens: it looks at the org now and then. */
  async function neighbour(everyMs: number): Promise<void> {
    const dice = world.dice("neighbour");
    for (let incarnation = 1; ; incarnation += 1) {
      await world.clock.sleep(dice.around(everyMs), unaborted);
      if (!world.isStormy()) return;
      const process = createProcess(world, `other.${incarnation}`);
      const runtime: Runtime = {
        now: () => world.hostNow(),
        sleep: (ms, signal) => process.call("sleep", () => world.clock.sleep(ms, signal)),
        random: () => dice.float(),
      };
      const source = open(process, runtime, () => undefined);
      const end = await Promise.race([source.check(unaborted).catch((error: unknown) => error), process.died]);
      if (SyncError.is(end)) judgeError(end.kind === "auth" ? 3 : 6, end.message, process.name);
      await source.close();
    }
  }

  /** A grant that is gone without anybody's fault is renewed; all other ends have to be explained by what can happen here. */
  function judgeError(exitCode: number, message: string, who: string): void {
    if (exitCode === 3 && /refresh token was revoked/.test(message)) {
      if (opened.get(who) !== grants.renewals()) return;
      if (grants.isLost()) {
        grants.renew();
        return;
      }
    }
    if (!mayEnd(scenario, exitCode, message)) world.problem(`${who} ended with exit code ${exitCode}: ${message}`);
  }

  return {
    connector: "salesforce",
    mapping: toMapping(scenario),
    absenceMs: scenario.absenceMs,
    async live() {
      const { neighbourEveryMs } = scenario;
      await Promise.all([
        org.write(),
        makeWeather(world, scenario, org),
        ...(neighbourEveryMs === null ? [] : [neighbour(neighbourEveryMs)]),
      ]);
    },
    calmDown() {
      control.clearFaults();
      control.setKnobs({
        dailyRequests: 1_000_000,
        bulkJobsPerDay: 10_000,
        queryTimeoutRows: null,
        bulkTimeoutRows: null,
        bulkQueuedMs: 0,
        bulkRunningMs: 0,
      });
    },
    open,
    judgeProof: (proved, destination, who) => judgeProof(world, scenario, org, destination, proved, who),
    judgeStormyRun(end, who) {
      if (end instanceof Error) judgeError(toExitCode(end), end.message, who);
      else judgeError(end.exitCode, end.message, who);
    },
    judgeEnd: (destination, excuses) => judgeEnd(world, scenario, org, destination, excuses),
    judgeCalm() {
      const refusals = Object.entries(control.counts().errorCodes).filter(([code]) => !MAY_BE_REFUSED.has(code));
      if (refusals.length > 0) world.problem(`Salesforce refused calls: ${JSON.stringify(refusals)}`);
    },
  };
}

/** Sessions end, Bulk jobs grow old, and windows of the log of deletions may be refused, where nothing goes wrong. */
const MAY_BE_REFUSED: ReadonlySet<string> = new Set([
  "INVALID_SESSION_ID",
  "NOT_FOUND",
  "INVALID_QUERY_LOCATOR",
  "INVALID_REPLICATION_DATE",
  "EXCEEDED_ID_LIMIT",
]);

/** How a run may end, by what can go wrong in its world. */
function mayEnd(
  { faults, knobs, source }: SalesforceScenario,
  exitCode: Receipt["exitCode"],
  message: string,
): boolean {
  switch (exitCode) {
    case 0:
    case 4:
    case 6:
      return true;
    case 143:
      return faults.interrupt > 0;
    case 5:
      return faults.dailyLimit > 0 || (knobs.dailyRequests ?? 0) < 100_000;
    case 3:
      // A session that ended twice during one call.
      return /just opened/.test(message) && (faults.sessionEnds > 0 || (knobs.sessionSeconds ?? 0) < 900);
    case 2:
      return (
        source["transport"] === "bulk" &&
        /Bulk/.test(message) &&
        (faults.jobFails > 0 || (knobs.bulkJobsPerDay ?? 0) < 10_000)
      );
    default:
      return false;
  }
}

function toExitCode(error: Error): number {
  if (SyncError.is(error)) return { config: 2, auth: 3, transient: 6, record: 1, bug: 1 }[error.kind];
  if (error.name === "QuotaStop") return 5;
  // Interrupted before it had begun.
  return error.name === "Interrupted" ? 143 : 1;
}

function toMapping({ notes }: SalesforceScenario) {
  const inContacts = { collectionName: "Contacts" };
  return mappingConfig.parse({
    entityType: "contact",
    email: "Email",
    properties: {
      name: { sourceField: "LastName", ...inContacts },
      age: { sourceField: "Score__c", ...inContacts },
      notes: { sourceField: notes, ...inContacts },
    },
  });
}
