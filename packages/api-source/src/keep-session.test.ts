import { AuthError } from "@acme/sync-core";
import { createTestRuntime, never, type TestRuntime } from "@acme/test-servers";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createMemoryFiles, type MemoryFiles } from "./__fixtures__/memory-files.ts";
import { createKeepSession, type Granted, type SessionKeeper } from "./keep-session.ts";
import { createTokenFile } from "./token-file.ts";

const sessionSchema = z.object({ accessToken: z.string(), expiresAtMs: z.number() });
type Session = z.output<typeof sessionSchema>;
const HOUR = 3_600_000;
const TOKEN_FILE = "/state/tokens.json";

/** A vendor whose refresh tokens are replaced at every use: showing an old one ends the grant. */
function openVendor({ rotates = true } = {}) {
  let valid = "refresh-0";
  let count = 0;
  const shown: string[] = [];
  const vendor = {
    shown,
    isRevoked: false,
    /** How long a login takes, and what it ends with instead. */
    loginMs: 1000,
    failures: [] as Error[],
    onLogin: (): void => undefined,
    async logIn(runtime: TestRuntime, refreshToken: string): Promise<Granted<Session>> {
      shown.push(refreshToken);
      vendor.onLogin();
      if (refreshToken !== valid) vendor.isRevoked = true;
      const refused = vendor.isRevoked;
      count += 1;
      const accessToken = `access-${count}`;
      if (!refused && rotates) valid = `refresh-${count}`;
      const granted = { accessToken, refreshToken: rotates ? valid : null };
      await runtime.sleep(vendor.loginMs, never);
      const failure = vendor.failures.shift();
      if (failure !== undefined) throw failure;
      if (refused) throw new AuthError("revoked");
      return {
        session: { accessToken, expiresAtMs: runtime.now() + HOUR },
        refreshToken: granted.refreshToken,
      };
    },
  };
  return vendor;
}

type Vendor = ReturnType<typeof openVendor>;

/** What takes itself for a process of its own: its memory ends with its runtime and its module's registry. */
function openProcess(vendor: Vendor, files: MemoryFiles | null, runtime = createTestRuntime(0)) {
  const keepSession = createKeepSession<Session>();
  const configured = { clientId: "client", refreshToken: "refresh-0" };
  const open = (identity = "one"): SessionKeeper<Session> =>
    keepSession(runtime, {
      identity: [identity],
      secrets: ["client-secret", "refresh-0"],
      refreshToken: configured.refreshToken,
      tokenFile: files === null ? null : createTokenFile(files, runtime, TOKEN_FILE, configured, sessionSchema),
      isGood: ({ expiresAtMs }) => expiresAtMs > runtime.now(),
      logIn: (refreshToken) => vendor.logIn(runtime, refreshToken),
    });
  return { runtime, open };
}

describe.each([
  ["with a token file", true],
  ["without one", false],
])("sessions of a grant, %s", (_how, hasFile) => {
  const start = (vendor: Vendor) => openProcess(vendor, hasFile ? createMemoryFiles() : null);

  it("are shared by all that use the same credential, with one login for all who wait", async () => {
    const vendor = openVendor();
    const { open } = start(vendor);
    const sessions = await Promise.all([open(), open(), open()].map((keeper) => keeper.session(never)));
    expect(new Set(sessions.map(({ accessToken }) => accessToken))).toEqual(new Set(["access-1"]));
    expect(await open().session(never)).toMatchObject({ accessToken: "access-1" });
    expect(vendor.shown).toEqual(["refresh-0"]);
    await open("another")
      .session(never)
      .catch(() => undefined);
    expect(vendor.shown).toHaveLength(hasFile ? 1 : 2);
  });

  it("are renewed when they are no longer good, with the newest refresh token", async () => {
    const vendor = openVendor();
    const { open, runtime } = start(vendor);
    for (let round = 1; round <= 4; round += 1) {
      expect(await open().session(never)).toMatchObject({ accessToken: `access-${round}` });
      runtime.advance(HOUR);
    }
    expect(vendor.shown).toEqual(["refresh-0", "refresh-1", "refresh-2", "refresh-3"]);
  });

  it("are replaced when they were refused, once for all, and not again for those who are late", async () => {
    const vendor = openVendor();
    const { open } = start(vendor);
    const refused = await open().session(never);
    const replaced = await Promise.all([1, 2, 3].map(() => open().replace(refused, never)));
    replaced.push(await open().replace(refused, never));
    expect(new Set(replaced.map(({ accessToken }) => accessToken))).toEqual(new Set(["access-2"]));
    expect(vendor.shown).toEqual(["refresh-0", "refresh-1"]);
  });

  it("are left by whoever is aborted, at once, and the login goes on for the others", async () => {
    const vendor = openVendor();
    const { open } = start(vendor);
    const controller = new AbortController();
    const reason = new Error("stop");
    const [leaving, staying] = [open().session(controller.signal), open().session(never)];
    controller.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    expect(await staying).toMatchObject({ accessToken: "access-1" });
    await expect(open().replace(await staying, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("are kept, with the token that was replaced, though all who waited have left", async () => {
    const vendor = openVendor();
    const { open, runtime } = start(vendor);
    const controller = new AbortController();
    vendor.onLogin = () => controller.abort();
    const leaving = open().session(controller.signal);
    await expect(leaving).rejects.toThrow();
    expect(await open().session(never)).toMatchObject({ accessToken: "access-1" });
    runtime.advance(HOUR);
    await open().session(never);
    expect(vendor.shown).toEqual(["refresh-0", "refresh-1"]);
  });

  it("are asked for again after a login that failed, which fails for all who waited for it", async () => {
    const vendor = openVendor({ rotates: false });
    const { open } = start(vendor);
    const failure = new Error("no answer");
    vendor.failures.push(failure);
    const failed = await Promise.allSettled([open().session(never), open().session(never)]);
    expect(failed.map((each) => (each.status === "rejected" ? each.reason : null))).toEqual([failure, failure]);
    expect(await open().session(never)).toMatchObject({ accessToken: "access-2" });
    expect(vendor.shown).toEqual(["refresh-0", "refresh-0"]);
  });

  it("tell all secrets, configured and granted", async () => {
    const vendor = openVendor();
    const { open } = start(vendor);
    expect(open().secrets()).toEqual(["client-secret", "refresh-0"]);
    const keeper = open();
    await keeper.replace(await keeper.session(never), never);
    expect(open().secrets()).toEqual(
      expect.arrayContaining(["client-secret", "refresh-0", "access-1", "refresh-1", "access-2", "refresh-2"]),
    );
  });
});

describe("a token file among processes", () => {
  it("carries a replaced token over, and saves those who come later a login", async () => {
    const vendor = openVendor();
    const files = createMemoryFiles();
    await openProcess(vendor, files).open().session(never);
    const { open, runtime } = openProcess(vendor, files);
    expect(await open().session(never)).toMatchObject({ accessToken: "access-1" });
    expect(open().secrets()).toContain("refresh-1");
    runtime.advance(2 * HOUR);
    await open().session(never);
    expect(vendor.shown).toEqual(["refresh-0", "refresh-1"]);
  });

  it("lets one log in while the others wait, however slow it is", async () => {
    const vendor = openVendor();
    vendor.loginMs = 10 * 60_000;
    const files = createMemoryFiles();
    const runtime = createTestRuntime(0);
    const keepers = [1, 2, 3].map(() => openProcess(vendor, files, runtime).open());
    const sessions = await Promise.all(keepers.map((keeper) => keeper.session(never)));
    expect(new Set(sessions.map(({ accessToken }) => accessToken))).toEqual(new Set(["access-1"]));
    expect({ shown: vendor.shown, isRevoked: vendor.isRevoked }).toEqual({ shown: ["refresh-0"], isRevoked: false });
  });

  it("holds a replaced token before its session is used", async () => {
    const vendor = openVendor();
    const files = createMemoryFiles();
    const { open } = openProcess(vendor, files);
    const { accessToken } = await open().session(never);
    expect(files.texts.get(TOKEN_FILE)).toContain(accessToken);
    expect(files.texts.get(TOKEN_FILE)).toContain("refresh-1");
  });

  it("that cannot be written gives no session, and loses no token: it is written at the next try", async () => {
    const vendor = openVendor();
    const files = createMemoryFiles();
    const { open } = openProcess(vendor, files);
    files.writeError = Object.assign(new Error("full"), { code: "ENOSPC" });
    for (let round = 0; round < 2; round += 1) await expect(open().session(never)).rejects.toThrow("ENOSPC");
    expect(open().secrets()).toEqual(expect.arrayContaining(["access-1", "refresh-1"]));
    files.writeError = null;
    expect(await open().session(never)).toMatchObject({ accessToken: "access-1" });
    expect(files.texts.get(TOKEN_FILE)).toContain("refresh-1");
    expect(vendor.shown).toEqual(["refresh-0"]);
  });

  it("is waited for no longer than anybody wants it", async () => {
    const vendor = openVendor();
    const files = createMemoryFiles();
    const { open, runtime } = openProcess(vendor, files);
    const held = await files.takeLock(`${TOKEN_FILE}.lock`);
    const controller = new AbortController();
    const leaving = [open().session(controller.signal), open().session(controller.signal)];
    await runtime.sleep(5000, never);
    controller.abort();
    for (const each of leaving) await expect(each).rejects.toThrow();
    await held.end();
    await runtime.sleep(5000, never);
    expect(vendor.shown).toEqual([]);
    expect(await open().session(never)).toMatchObject({ accessToken: "access-1" });
  });

  it.each(Array.from({ length: 20 }, (_, turns) => turns))(
    "is waited for by one who comes %i turns after all others have left",
    async (turns) => {
      const vendor = openVendor();
      const files = createMemoryFiles();
      const { open, runtime } = openProcess(vendor, files);
      const held = await files.takeLock(`${TOKEN_FILE}.lock`);
      const controller = new AbortController();
      const leaving = open().session(controller.signal);
      leaving.catch(() => undefined);
      await runtime.sleep(5000, never);
      controller.abort();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const later = open().session(never);
      await held.end();
      expect(await later).toMatchObject({ accessToken: "access-1" });
      expect(vendor.shown).toEqual(["refresh-0"]);
    },
  );

  it("whose session another has found refused is not given back by a login that others began", async () => {
    const vendor = openVendor();
    const files = createMemoryFiles();
    const first = await openProcess(vendor, files).open().session(never);
    const { open } = openProcess(vendor, files);
    // The file holds what was refused elsewhere: whoever knows that waits for the login of one who does not.
    const [unaware, aware] = await Promise.all([open().session(never), open().replace(first, never)]);
    expect(unaware.accessToken).toBe("access-1");
    expect(aware.accessToken).toBe("access-2");
  });
});

describe("a credential without a refresh token", () => {
  it("logs in anew each time, and keeps the session in memory", async () => {
    const runtime = createTestRuntime(0);
    const shown: unknown[] = [];
    const keeper = createKeepSession<{ readonly accessToken: string }>()(runtime, {
      identity: ["client"],
      secrets: [],
      refreshToken: null,
      tokenFile: null,
      isGood: () => true,
      async logIn(refreshToken) {
        shown.push(refreshToken);
        return { session: { accessToken: `access-${shown.length}` }, refreshToken: null };
      },
    });
    const session = await keeper.session(never);
    expect(await keeper.session(never)).toBe(session);
    expect(await keeper.replace(session, never)).toEqual({ accessToken: "access-2" });
    expect(shown).toEqual([null, null]);
  });
});
