/** Searches seeds, or tells one. What it is about stands in the README beside it. */
import { searchSeeds } from "../connector-search/search-seeds.ts";
import { runHubspotSeed } from "./run-hubspot-seed.ts";

await searchSeeds("connector-hubspot", runHubspotSeed);
