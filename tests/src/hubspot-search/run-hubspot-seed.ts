import { hubspotConfig } from "../../../packages/connector-hubspot/src/config.ts";
import type { createHubspotSource } from "../../../packages/connector-hubspot/src/source.ts";
import { mappingConfig } from "../../../packages/sync-core/src/mapping/mapping-config.ts";
import { createDisk } from "../connector-search/disk.ts";
import { runWorld } from "../connector-search/run-world.ts";
import type { SeedResult } from "../connector-search/seed-result.ts";
import { judgeEnd, judgeProof } from "./oracle.ts";
import { CALCULATED, createPortal, TOKEN } from "./portal.ts";
import { drawHubspotScenario, type HubspotScenario } from "./scenario.ts";
import { createTransport } from "./transport.ts";

export interface HubspotModules {
  readonly createHubspotSource: typeof createHubspotSource;
}

/** Lives through one world: a portal, and the connector that reads it. */
export async function runHubspotSeed(seed: number, modules: HubspotModules, told = false): Promise<SeedResult> {
  const scenario = drawHubspotScenario(seed);
  const config = hubspotConfig.parse({ token: TOKEN, object: "contacts", ...scenario.source });
  return await runWorld(
    scenario,
    (world) => {
      const portal = createPortal(world, scenario);
      const disk = createDisk(world);
      return {
        connector: "hubspot",
        mapping: toMapping(scenario),
        absenceMs: 0,
        live: () => portal.write(),
        calmDown: () => portal.control.clearFaults(),
        open: (process, runtime, interrupt) =>
          modules.createHubspotSource(config, runtime, {
            transport: createTransport(world, scenario, portal, process, interrupt),
            files: disk.files(process),
          }),
        judgeProof: (proved, destination, who) => judgeProof(world, scenario, portal, destination, proved, who),
        judgeStormyRun: () => undefined,
        judgeEnd: (destination, excuses) => judgeEnd(world, scenario, portal, destination, excuses),
        judgeCalm() {
          const refused = Object.entries(portal.control.counts().rateLimited);
          if (refused.length > 0)
            world.problem(`HubSpot refused calls for coming too fast: ${JSON.stringify(refused)}`);
        },
      };
    },
    told,
  );
}

function toMapping({ mapsAssociations, mapsCalculated }: HubspotScenario) {
  const inContacts = { collectionName: "Contacts" };
  return mappingConfig.parse({
    entityType: "contact",
    email: "email",
    properties: {
      name: { sourceField: "firstname", ...inContacts },
      ...(mapsCalculated ? { age: { sourceField: CALCULATED, ...inContacts } } : {}),
      notes: { sourceField: mapsAssociations ? "associations.companies" : "city", ...inContacts },
    },
  });
}
