/** Searches seeds, or tells one. What it is about stands in the README beside it. */
import { searchSeeds } from "../connector-search/search-seeds.ts";
import { runSalesforceSeed, type SalesforceModules } from "./run-salesforce-seed.ts";

await searchSeeds("connector-salesforce", async (source) => {
  const modules: SalesforceModules = await import(source);
  return (seed, told) => runSalesforceSeed(seed, modules, told);
});
