/** Searches seeds, or tells one. What it is about stands in the README beside it. */
import { searchSeeds } from "../connector-search/search-seeds.ts";
import { runSalesforceSeed } from "./run-salesforce-seed.ts";

await searchSeeds("connector-salesforce", runSalesforceSeed);
