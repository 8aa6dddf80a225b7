import type { PlantedBug } from "./plant.ts";

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "a page is read from strictly after its stamp",
    file: "simulated-source.ts",
    find: "return row.stamp > position.stamp || (row.stamp === position.stamp && row.key > position.key);",
    replace: "return row.stamp > position.stamp;",
  },
];
