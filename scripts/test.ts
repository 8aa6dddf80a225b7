/**
 * The test command: builds, type-checks, lints and tests every workspace through turbo (cached), adds up what the test
 * runners reported, and says in one line each what this machine could not run. The last line is `N passed, M failed`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface Assertion {
  readonly status: string;
  readonly fullName: string;
}

interface Results {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly Assertion[];
  }[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
const workspaces = ["packages", "apps", "stand-ins"]
  .flatMap(children)
  .concat(["tests", "tests/install", "tests/image", "benchmarks", "demo"].map((name) => join(root, name)));
const tested = workspaces.filter(
  (folder) =>
    existsSync(join(folder, "package.json")) && readFileSync(join(folder, "package.json"), "utf8").includes('"test":'),
);

for (const folder of tested) rmSync(join(folder, ".turbo/notes"), { recursive: true, force: true });

const turbo = spawnSync(
  join(root, "node_modules/.bin/turbo"),
  [
    "run",
    "build",
    "typecheck",
    "lint",
    "test",
    "--continue",
    "--output-logs=errors-only",
    "--log-order=grouped",
    "--log-prefix=none",
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" } },
);

let passed = 0;
let failed = 0;
const failures: string[] = [];
/** How to get what a test needs → how many tests wait for it. A skipped test says so in its name: `[needs THING: how]`. */
const notRun = new Map<string, number>();

for (const folder of tested) {
  const file = join(folder, ".turbo/test-results.json");
  if (!existsSync(file)) {
    failed += 1;
    failures.push(`${folder.slice(root.length)}: the tests did not run to the end`);
    continue;
  }
  const results: Results = JSON.parse(readFileSync(file, "utf8"));
  for (const suite of results.testResults) {
    if (suite.status === "failed" && suite.assertionResults.length === 0) {
      failed += 1;
      failures.push(`${suite.name.slice(root.length)}: ${suite.message.split("\n")[0] ?? "did not load"}`);
    }
    for (const { status, fullName } of suite.assertionResults) {
      if (status === "passed") passed += 1;
      else if (status === "failed") {
        failed += 1;
        failures.push(fullName);
      } else {
        const need = /\[needs (.+)\]/.exec(fullName)?.[1];
        if (need === undefined) {
          failed += 1;
          failures.push(`${fullName} was skipped without saying what it needs`);
        } else notRun.set(need, (notRun.get(need) ?? 0) + 1);
      }
    }
  }
}

const out = (line: string): void => void process.stdout.write(`${line}\n`);
for (const folder of tested) {
  const notes = join(folder, ".turbo/notes");
  if (existsSync(notes)) for (const file of readdirSync(notes)) out(readFileSync(join(notes, file), "utf8").trimEnd());
}
for (const failure of failures) out(`failed: ${failure}`);
for (const [need, count] of notRun)
  out(`not run: ${count} test${count === 1 ? "" : "s"} that need${count === 1 ? "s" : ""} ${need}`);
if (turbo.status !== 0 && failed === 0) {
  failed += 1;
  out("failed: build, typecheck or lint (see above)");
}
out(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function children(name: string): string[] {
  const folder = join(root, name);
  return existsSync(folder) ? readdirSync(folder).map((child) => join(folder, child)) : [];
}
