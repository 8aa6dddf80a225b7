import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@acme/sync-core";
import { never, runtime } from "@acme/test-servers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { diskFiles } from "./files.ts";
import { createTokenFile } from "./token-file.ts";

const CONFIGURED = { clientId: "client", refreshToken: "configured-refresh" };
const GRANT = createHash("sha256").update('["client","configured-refresh"]').digest("hex");
const session = z.object({ accessToken: z.string().min(1), expiresAtMs: z.number() });
const TOKENS = { session: { accessToken: "access", expiresAtMs: 1000 }, refreshToken: "newest-refresh" };

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "api-source-tokens-"));
});
afterEach(() => rm(folder, { recursive: true }));

const open = (path = join(folder, "tokens.json"), configured = CONFIGURED) =>
  createTokenFile(diskFiles, runtime, path, configured, session);

describe("a token file", () => {
  it("that does not exist holds nothing", async () => {
    expect(await open().read()).toBeNull();
  });

  it("gives what was written, and is readable by its owner only", async () => {
    await open().write(TOKENS);
    expect(await open().read()).toEqual(TOKENS);
    expect((await stat(join(folder, "tokens.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["tokens.json"]);
  });

  it("has the fields that it always had, and not the configured token", async () => {
    await open().write(TOKENS);
    const text = await readFile(join(folder, "tokens.json"), "utf8");
    expect(text).toBe(
      `{"version":1,"grant":"${GRANT}","refreshToken":"newest-refresh","accessToken":"access","expiresAtMs":1000}\n`,
    );
    expect(text).not.toContain("configured-refresh");
  });

  it.each([
    ["HubSpot's connector", { accessToken: "a", expiresAtMs: 5 }, session],
    [
      "Salesforce's connector",
      { accessToken: "a", instanceUrl: "https://acme.my.salesforce.com" },
      z.object({ accessToken: z.string(), instanceUrl: z.string() }),
    ],
  ])("as %s wrote it is read", async (_who, kept, schema) => {
    const path = join(folder, "tokens.json");
    await writeFile(path, JSON.stringify({ version: 1, grant: GRANT, refreshToken: "r", ...kept }));
    const file = createTokenFile<object>(diskFiles, runtime, path, CONFIGURED, schema);
    expect(await file.read()).toEqual({ session: kept, refreshToken: "r" });
  });

  it.each([
    ["cut off", (text: string) => text.slice(0, text.length / 2)],
    ["empty", () => ""],
    ["no JSON", () => "<html>"],
    ["of another version", (text: string) => text.replace('"version":1', '"version":2')],
    ["without an access token", (text: string) => text.replace('"accessToken":"access"', '"accessToken":""')],
    ["without a refresh token", (text: string) => text.replace('"newest-refresh"', "null")],
  ])("that is %s holds nothing, and can be written again", async (_what, damage) => {
    await open().write(TOKENS);
    const path = join(folder, "tokens.json");
    await writeFile(path, damage(await readFile(path, "utf8")));
    expect(await open().read()).toBeNull();
    await open().write(TOKENS);
    expect(await open().read()).toEqual(TOKENS);
  });

  it.each([
    ["another refresh token", { ...CONFIGURED, refreshToken: "authorised-anew" }],
    ["another client", { ...CONFIGURED, clientId: "client-2" }],
  ])("of %s holds nothing", async (_what, configured) => {
    await open().write(TOKENS);
    expect(await open(undefined, configured).read()).toBeNull();
  });

  it("in a folder that does not exist is an error of the configuration, which names option, file and reason", async () => {
    const file = open(join(folder, "none/tokens.json"));
    expect(await file.read()).toBeNull();
    const errors = [file.write(TOKENS), file.alone(never, async () => undefined)];
    for (const [index, verb] of ["write", "lock"].entries()) {
      const error: unknown = await errors[index]?.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ message: expect.stringContaining(`oauth.tokenFile: cannot ${verb} ${folder}`) });
      expect(error).toMatchObject({ message: expect.stringContaining("ENOENT") });
      expect(String(error)).not.toMatch(/refresh|access/);
    }
  });

  it("that is a folder is one as well", async () => {
    await mkdir(join(folder, "tokens.json/a"), { recursive: true });
    await expect(open().read()).rejects.toThrow("oauth.tokenFile: cannot read");
    await expect(open().write(TOKENS)).rejects.toThrow("oauth.tokenFile: cannot write");
  });

  it("lets one work at a time, and passes on what work throws", async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await runtime.sleep(5, never);
      order.push(`${name} ends`);
    };
    await Promise.all(["a", "b", "c"].map((name) => open().alone(never, work(name))));
    for (let at = 0; at < 6; at += 2) expect(order[at + 1]).toBe(order[at]?.replace("begins", "ends"));
    const failure = new Error("refused");
    await expect(open().alone(never, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await readdir(folder)).toEqual([]);
  });
});
