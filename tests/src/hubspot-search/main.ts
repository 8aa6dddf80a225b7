/** Searches seeds, or tells one. What it is about stands in the README beside it. */
import { searchSeeds } from "../connector-search/search-seeds.ts";
import { runHubspotSeed, type HubspotModules } from "./run-hubspot-seed.ts";

await searchSeeds("connector-hubspot", async (source) => {
  const modules: HubspotModules = await import(source);
  return (seed, told) => runHubspotSeed(seed, modules, told);
});
