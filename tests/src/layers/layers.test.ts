import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { files, imports, readText } from "../repository.ts";

/** Direction of the house: each rule is a sentence, and a broken one fails with it. */

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(pattern: string): Import[] {
  return files(pattern)
    .filter((path) => !path.endsWith(".test.ts") && !path.includes("__fixtures__"))
    .flatMap((from) => imports(from).map((to) => ({ from, to })));
}

/** Where a relative import leads, from the root; other imports as they are. */
function target({ from, to }: Import): string {
  return to.startsWith(".") ? posix.join(posix.dirname(from), to) : to;
}

function broken(found: readonly Import[], sentence: string): string[] {
  return found.map(({ from, to }) => `${sentence} ${from} imports "${to}".`);
}

const DRIVERS = /^(pg|pg-cursor|mysql2|jsforce|@hubspot\/api-client)(\/|$)/;
const STEPS = ["read", "map", "diff", "batch", "deliver", "confirm", "checkpoint"];
const PURE = [
  "line/map.ts",
  "line/diff.ts",
  "line/batch.ts",
  "line/digest.ts",
  "line/judge.ts",
  "line/same-value.ts",
  "line/forget.ts",
  "line/refusal.ts",
  "line/remembered-record.ts",
  "contracts/errors.ts",
];

describe("layers", () => {
  it("finds imports at all", () => {
    expect(importsOf("packages/*/src/**/*.ts").length).toBeGreaterThan(100);
  });

  it("sync-core imports no connector, no driver and no app", () => {
    const found = importsOf("packages/sync-core/src/**/*.ts").filter(
      (each) => DRIVERS.test(each.to) || /connector-|^@acme\//.test(each.to),
    );
    expect(broken(found, "The core knows no connector and no driver.")).toEqual([]);
  });

  it("a connector imports the core, its own driver, and no other connector", () => {
    const found = importsOf("packages/connector-*/src/**/*.ts").filter(
      (each) =>
        each.to.startsWith("@acme/") &&
        each.to !== "@acme/sync-core" &&
        each.to !== "@acme/sync-core/testing" &&
        each.to !== "@acme/sql-source" &&
        each.to !== "@acme/api-source",
    );
    expect(broken(found, "Connectors stand side by side and import only what is below them.")).toEqual([]);
  });

  it("a connector brings no other connector's driver, and what several of them share brings none", () => {
    const own: Readonly<Record<string, RegExp>> = {
      "connector-postgres": /^pg(-|\/|$)/,
      "connector-mysql": /^mysql2(\/|$)/,
      "connector-hubspot": /^@hubspot\//,
      "connector-salesforce": /^jsforce(\/|$)/,
    };
    const found = files("packages/{connector-*,sql-source,api-source}/package.json").flatMap((manifest) => {
      const { dependencies = {} }: { readonly dependencies?: Readonly<Record<string, string>> } = JSON.parse(
        readText(manifest),
      );
      const owner = manifest.split("/")[1] ?? "";
      return Object.keys(dependencies)
        .filter((name) => DRIVERS.test(name) && own[owner]?.test(name) !== true)
        .map((to) => ({ from: manifest, to }));
    });
    const imported = importsOf("packages/{sql,api}-source/src/**/*.ts").filter((each) => DRIVERS.test(each.to));
    expect(broken([...found, ...imported], "Whoever installs one connector gets one driver.")).toEqual([]);
  });

  it("what SQL sources share, and what web services share, imports the core, and nothing else of ours", () => {
    const found = importsOf("packages/{sql,api}-source/src/**/*.ts").filter(
      (each) => each.to.startsWith("@acme/") && each.to !== "@acme/sync-core",
    );
    expect(importsOf("packages/sql-source/src/**/*.ts").length).toBeGreaterThan(10);
    expect(importsOf("packages/api-source/src/**/*.ts").length).toBeGreaterThan(10);
    expect(broken(found, "What is shared stands below those who share it.")).toEqual([]);
  });

  it("what web services share depends on the core and on zod only", () => {
    const { dependencies }: { readonly dependencies: object } = JSON.parse(
      readText("packages/api-source/package.json"),
    );
    expect(Object.keys(dependencies)).toEqual(["@acme/sync-core", "zod"]);
    const found = importsOf("packages/api-source/src/**/*.ts").filter(
      (each) => !/^(\.|node:|zod$|@acme\/sync-core$)/.test(each.to),
    );
    expect(broken(found, "What every such connector brings along is small.")).toEqual([]);
  });

  it("a state package imports the core, what stores share, and its own driver", () => {
    const found = importsOf("packages/state-*/src/**/*.ts").filter(
      (each) =>
        (each.to.startsWith("@acme/") &&
          !["@acme/sync-core", "@acme/sync-core/state", "@acme/sync-core/testing"].includes(each.to)) ||
        (!each.to.startsWith(".") && !/^(node:|@acme\/|pg$)/.test(each.to)),
    );
    expect(importsOf("packages/state-*/src/**/*.ts").length).toBeGreaterThan(10);
    expect(broken(found, "A place for the state knows no connector.")).toEqual([]);
  });

  it("nothing imports an app", () => {
    const found = importsOf("packages/*/src/**/*.ts").filter(
      (each) => /(^|\/)apps\//.test(target(each)) || each.to.startsWith("@acme/runner"),
    );
    expect(broken(found, "Apps assemble; nothing is built on them.")).toEqual([]);
  });

  it("no production source imports a stand-in or reaches outside its package", () => {
    const found = importsOf("{packages,apps}/*/src/**/*.ts").filter(
      (each) =>
        /stand-ins/.test(target(each)) ||
        /^@acme\/((personize|salesforce|hubspot)-api|stand-in-kit)/.test(each.to) ||
        (each.to.startsWith(".") && !target(each).startsWith(each.from.split("/").slice(0, 2).join("/"))),
    );
    expect(broken(found, "Production code knows only @personize/sdk.")).toEqual([]);
  });

  it("what stand-ins share knows no stand-in and nothing of ours", () => {
    const kit = importsOf("stand-ins/kit/src/**/*.ts");
    const found = kit.filter(
      (each) =>
        (each.to.startsWith(".") && !target(each).startsWith("stand-ins/kit/")) ||
        (!each.to.startsWith(".") && !/^(node:|vitest$)/.test(each.to)),
    );
    expect(kit.length).toBeGreaterThan(20);
    expect(broken(found, "A stand-in stands on the kit, never the kit on a stand-in.")).toEqual([]);
  });

  it("stand-ins of HTTP services share the kit, and know neither each other nor what is tested against them", () => {
    const apis = importsOf("stand-ins/*-api/src/**/*.ts");
    const found = apis.filter(
      (each) =>
        (each.to.startsWith(".") && !target(each).startsWith(each.from.split("/").slice(0, 2).join("/"))) ||
        (/^@(acme|personize)\//.test(each.to) && each.to !== "@acme/stand-in-kit"),
    );
    expect(apis.filter(({ to }) => to === "@acme/stand-in-kit").length).toBeGreaterThan(20);
    expect(broken(found, "A stand-in is written from documentation.")).toEqual([]);
  });

  it("only one file touches the vendor's SDK, and elsewhere only client.ts touches the driver", () => {
    const sdk = importsOf("packages/*/src/**/*.ts").filter(
      (each) => each.to === "@personize/sdk" && each.from !== "packages/sync-core/src/personize/client.ts",
    );
    const drivers = importsOf("packages/{connector,state}-*/src/**/*.ts").filter(
      (each) => DRIVERS.test(each.to) && !each.from.endsWith("/src/client.ts"),
    );
    expect(broken([...sdk, ...drivers], "What may change under us is touched in one place.")).toEqual([]);
  });

  it("steps of the line do not import each other", () => {
    const found = STEPS.flatMap((step) => importsOf(`packages/sync-core/src/line/${step}.ts`)).filter((each) =>
      STEPS.some((step) => each.to === `./${step}.ts`),
    );
    expect(broken(found, "Steps meet only in run.ts and plan.ts.")).toEqual([]);
  });

  it("pure files import no clock, disk, network, state or logger", () => {
    const found = PURE.flatMap((file) => importsOf(`packages/sync-core/src/${file}`)).filter(
      (each) =>
        (each.to.startsWith("node:") && each.to !== "node:crypto") ||
        /\/(state|personize|cli|config)\//.test(target(each)),
    );
    expect(broken(found, "Pure steps stay pure.")).toEqual([]);
  });

  it("contracts import only contracts and the shape of a mapping", () => {
    const found = importsOf("packages/sync-core/src/contracts/*.ts").filter(
      (each) => each.to.startsWith(".") && !/\/(contracts|mapping)\//.test(target(each)),
    );
    expect(broken(found, "Contracts stand on nothing.")).toEqual([]);
  });

  it("the line knows neither SQLite nor the SDK nor the command line", () => {
    const found = importsOf("packages/sync-core/src/{line,mapping,quota,proposal}/*.ts").filter(
      (each) => /\/(state|personize|cli|config)\//.test(target(each)) || each.to === "node:sqlite",
    );
    expect(broken(found, "The line works through contracts.")).toEqual([]);
  });

  it("the runner's page knows the runner by its contract only", () => {
    const found = importsOf("apps/runner/src/page/**/*.ts").filter(
      (each) =>
        (each.to.startsWith(".") && !/^apps\/runner\/src\/(page\/|contracts\/runner-view\.ts)/.test(target(each))) ||
        (!each.to.startsWith(".") && !/^(hono(\/|$)|@hono\/|node:(crypto|fs)$|@acme\/sync-core$)/.test(each.to)),
    );
    expect(importsOf("apps/runner/src/page/**/*.ts").length).toBeGreaterThan(50);
    expect(broken(found, "What shows knows nothing of what runs.")).toEqual([]);
  });
});
