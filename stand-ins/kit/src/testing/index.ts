export { describeProgram } from "./describe-program.ts";
export { readPath } from "./read-path.ts";
export { exitCode, spawnProgram, type SpawnedProgram } from "./spawn-program.ts";
