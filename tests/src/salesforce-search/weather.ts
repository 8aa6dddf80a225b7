import { unaborted, type World } from "../fault-search/simulation/world.ts";
import { type Org, ORG_URL } from "./org.ts";
import type { SalesforceScenario } from "./scenario.ts";

/** What happens to an org whoever is looking: rolled once a minute until the storm is over. */
export async function makeWeather(world: World, { faults }: SalesforceScenario, { api, control }: Org): Promise<void> {
  const { clock, timeline } = world;
  const dice = world.dice("weather");
  for (;;) {
    await clock.sleep(dice.int(20_000, 100_000), unaborted);
    if (!world.isStormy()) return;
    if (dice.chance(faults.otherPages)) control.setKnobs({ maxPageRows: dice.pick([1, 2, 3, 7, 2000]) });
    if (dice.chance(faults.logTrimmed)) {
      control.trimDeletedLog("Contact", clock.now() - dice.int(0, 300_000));
      timeline.note("org", () => "the log of deletions loses its beginning");
    }
    if (dice.chance(faults.jobsRemoved)) removeJobs();
  }

  /** By somebody with the rights to it. */
  function removeJobs(): void {
    const call = (method: string, path: string, body: string, headers: Record<string, string> = {}): string =>
      api.answer({ method, url: `${ORG_URL}${path}`, body, headers }).text;
    const login = "grant_type=client_credentials&client_id=stand-in-client&client_secret=stand-in-secret";
    const { access_token: token }: { readonly access_token: string } = JSON.parse(
      call("POST", "/services/oauth2/token", login),
    );
    const authorization = { authorization: `Bearer ${token}` };
    const jobs = "/services/data/v66.0/jobs/query";
    const { records = [] }: { readonly records?: readonly { readonly id: string }[] } = JSON.parse(
      call("GET", jobs, "", authorization),
    );
    const isGone = dice.chance(0.5);
    for (const { id } of records) {
      call("PATCH", `${jobs}/${id}`, '{"state":"Aborted"}', authorization);
      if (isGone) call("DELETE", `${jobs}/${id}`, "", authorization);
    }
    timeline.note("org", () => `${records.length} Bulk jobs are aborted${isGone ? " and deleted" : ""}`);
  }
}
