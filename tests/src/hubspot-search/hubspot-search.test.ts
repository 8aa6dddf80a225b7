import { fileURLToPath } from "node:url";
import { describe } from "vitest";
import { describeSearch } from "../connector-search/describe-search.ts";
import { plantedBugs } from "./planted-bugs.ts";

describe("fault search with HubSpot's shape", () => {
  describeSearch({
    connector: "connector-hubspot",
    main: fileURLToPath(new URL("./main.ts", import.meta.url)),
    seeds: 60,
    regressionSeeds: [],
    plantedBugs,
    // Most are found within ten.
    huntSeeds: 150,
  });
});
