import { createServer } from "node:http";
import axe, { type AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isChromiumInstalled, openBrowser, openTab, type Tab } from "./__fixtures__/open-browser.ts";
import { sampleSync, underWay } from "./__fixtures__/sample-syncs.ts";
import { BREAKOUT, empty, failing, hostile, many, SCRIPT, usual } from "./__fixtures__/scenes.ts";
import { LOCAL, portOf, type Served, servePage, TOKEN, WITH_TOKEN } from "./__fixtures__/serve-page.ts";

const RUNNING = "/syncs/companies/runs/20261128T092652000Z-8";
const PAGES = [
  ["an ordinary morning", usual, "/"],
  ["nothing configured", empty, "/"],
  ["300 syncs", many, "/"],
  ["everything fails", failing, "/"],
  ["hostile names", hostile, "/"],
  ["no match", usual, "/?q=nothing-like-it"],
  ["a sync", usual, "/syncs/customers"],
  ["a sync under way", usual, "/syncs/companies"],
  ["a sync that failed", usual, "/syncs/invoices"],
  ["a sync that never ran", usual, "/syncs/one-off-import"],
  ["a record that is parked", usual, "/syncs/customers?key=18220"],
  ["hostile rows", hostile, "/syncs/customers"],
  ["a hostile key", hostile, `/syncs/customers?key=${encodeURIComponent(BREAKOUT)}`],
  ["a run under way", usual, RUNNING],
  ["a run", usual, "RUN"],
  ["the quota", many, "/quota"],
  ["not found", usual, "/syncs/none"],
  ["signing in", usual, "/login"],
] as const;

const WAYS = [
  ["light", 1280],
  ["dark", 1280],
  ["dark", 380],
] as const;

/** However busy the machine is. */
function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 60_000 });
}

describe.skipIf(!isChromiumInstalled)("in a real browser [needs chromium: apt-get install chromium]", () => {
  let browser: Browser;
  const open: AsyncDisposable[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => await browser?.close());
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each[Symbol.asyncDispose]();
  });

  async function serve(...parts: Parameters<typeof servePage>): Promise<Served> {
    const served = await servePage(...parts);
    open.push(served);
    return served;
  }

  async function tab(options: BrowserContextOptions = {}): Promise<Tab> {
    const opened = await openTab(browser, options);
    open.push(opened);
    return opened;
  }

  async function addressOf(served: Served, path: string): Promise<string> {
    if (path !== "RUN") return served.origin + path;
    const [run] = await served.runner.view.runs("customers", 1);
    return `${served.origin}/syncs/customers/runs/${run?.runId ?? ""}`;
  }

  describe("without JavaScript", () => {
    it("everything can be read", async () => {
      const served = await serve();
      const { page } = await tab({ javaScriptEnabled: false });
      await page.goto(served.origin);
      expect(await page.locator("h1").textContent()).toBe("5 of 10 syncs are in.");
      expect(await page.locator("tbody tr").count()).toBe(10);
      await page.getByRole("link", { name: "invoices" }).click();
      expect(await page.locator("#standing").textContent()).toContain("the database refused the password");
      await page.getByRole("link", { name: "Syncs", exact: true }).first().click();
      await page.getByRole("link", { name: "customers" }).click();
      await page.locator("#parked").getByRole("link", { name: "9041" }).click();
      expect(await page.locator("#answer").textContent()).toContain("Only an older version is in.");
      await page.locator("#runs tbody a").first().click();
      expect(await page.locator(".equation").allTextContents()).toEqual([
        expect.stringMatching(/^914 read = 900 unchanged 98 % \+ 14 sent 1.5 % adds up$/),
        expect.stringMatching(/^14 sent = 12 landed 86 % \+ 2 refused 14 % adds up$/),
      ]);
      await page.getByText("Show it as it is kept").click();
      const receipt: unknown = JSON.parse((await page.locator("#receipt pre").textContent()) ?? "");
      expect(receipt).toMatchObject({ sync: "customers", exitCode: 4 });
      await page.getByRole("link", { name: "Quota" }).click();
      expect(await page.locator("#quota").textContent()).toContain("171,204 of 250,000 units used");
      expect(await page.locator("#waiting").textContent()).toContain("contacts-emea waits for the month's quota");
    });

    it("a run under way is read by loading it again", async () => {
      const served = await serve();
      const { page } = await tab({ javaScriptEnabled: false });
      await page.goto(served.origin + RUNNING);
      expect(await page.locator("#run").textContent()).toContain("21,400 of about 64,000 read");
      served.runner.replace("companies", underWay(sampleSync("companies", "hubspot", ["done"]), 30_000, 64_000));
      await page.getByRole("link", { name: "load it again" }).click();
      expect(await page.locator("#run").textContent()).toContain("30,000 of about 64,000 read");
    });

    it("a sync is started, taken out, paused, resumed, cancelled, and its parked rows tried again", async () => {
      const served = await serve();
      const { page } = await tab({ javaScriptEnabled: false });
      await actInEveryWay(page, served);
    });

    it("one signs in with the token, comes where one wanted to, acts, and signs out", async () => {
      const served = await serve(usual, WITH_TOKEN);
      const { page } = await tab({ javaScriptEnabled: false });
      await page.goto(`${served.origin}/syncs/owners`);
      await page.getByLabel("Token").fill("not the token at all");
      await page.getByRole("button", { name: "Sign in" }).click();
      expect(await page.getByRole("alert").textContent()).toBe("That is not the token.");
      await page.getByLabel("Token").fill(TOKEN);
      await page.keyboard.press("Enter");
      await page.waitForURL("**/syncs/owners");
      expect(await page.locator("h1").textContent()).toBe("owners");
      await page.getByRole("button", { name: "Run now" }).click();
      expect(served.runner.asked).toEqual(["runNow owners"]);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL("**/login");
      await page.goto(`${served.origin}/syncs/owners`);
      expect(await page.locator("h1").textContent()).toBe("Sign in");
    });

    it("a filter and an order are plain addresses", async () => {
      const served = await serve(many);
      const { page } = await tab({ javaScriptEnabled: false });
      await page.goto(served.origin);
      await page.getByRole("link", { name: "Problems 12" }).click();
      expect(await page.locator("tbody tr").count()).toBe(12);
      await page.getByLabel("Name or connector").fill("deals");
      await page.getByLabel("Order").selectOption({ label: "Name" });
      await page.getByRole("button", { name: "Show" }).click();
      expect(new URL(page.url()).search).toBe("?q=deals&show=problems&sort=name");
      expect(await page.locator("tbody th a").allTextContents()).toEqual([
        "tenant-014-deals",
        "tenant-053-deals",
        "tenant-194-deals",
        "tenant-197-deals",
      ]);
    });
  });

  async function actInEveryWay(page: Page, { origin, runner }: Served): Promise<void> {
    const press = async (name: string, said: RegExp) => {
      await page.getByRole("button", { name, exact: true }).click();
      await eventually(() => page.locator(".flash").textContent()).toMatch(said);
    };
    await page.goto(`${origin}/syncs/owners`);
    await press("Run now", /^Queued/);
    await press("Take out of the queue", /^Taken out/);
    await press("Pause", /^Paused/);
    await press("Resume", /^Resumed/);
    await page.goto(`${origin}/syncs/customers`);
    await press("Try them again", /^Queued: its parked rows/);
    await page.goto(`${origin}/syncs/companies`);
    await press("Run again after this", /^Queued/);
    await press("Cancel this run", /settled first/);
    expect(runner.asked).toEqual([
      "runNow owners",
      "cancel owners",
      "pause owners",
      "resume owners",
      "retry customers",
      "runNow companies",
      "cancel companies",
    ]);
  }

  describe("with JavaScript", () => {
    it("a sync is started, taken out, paused, resumed, cancelled, and its parked rows tried again", async () => {
      const served = await serve();
      const { page, complaints } = await tab();
      await actInEveryWay(page, served);
      await eventually(() => new URL(page.url()).search).toBe("");
      expect(complaints).toEqual([]);
    });

    it("progress shows by itself, is told to screen readers, and disturbs nothing", async () => {
      const served = await serve();
      const { page, complaints } = await tab();
      await page.goto(`${served.origin}/syncs/companies`);
      await eventually(() => page.locator("#live-state").textContent()).toBe("Live.");
      await page.getByText("The cursor").click();
      await page.getByLabel("Key of the row").fill("half a k");
      await page.getByRole("button", { name: "Pause" }).focus();
      await page.evaluate("window.marker = 1");
      const spoken = page.locator("#spoken");
      expect(await spoken.getAttribute("aria-live")).toBe("polite");
      expect(await spoken.textContent()).toBe("companies: reading and sending, 30 %");
      served.runner.replace("companies", underWay(sampleSync("companies", "hubspot", ["done"]), 48_000, 64_000));
      await eventually(() => page.locator("#running").textContent()).toContain("48,000 of about 64,000 read");
      expect(await spoken.textContent()).toBe("companies: reading and sending, 70 %");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Pause");
      expect(await page.getByLabel("Key of the row").inputValue()).toBe("half a k");
      expect(await page.locator("#cursor").getAttribute("open")).not.toBeNull();
      expect(await page.evaluate("window.marker")).toBe(1);
      // The run ends: its place empties, its receipt appears.
      served.runner.replace("companies", sampleSync("companies", "hubspot", ["failed", "done"]));
      await eventually(() => page.locator("#running").isVisible()).toBe(false);
      expect(await page.locator("#standing").textContent()).toContain("Failed");
      expect(complaints).toEqual([]);
    });

    it("the list of all follows, and so does a run's own page", async () => {
      const served = await serve();
      const [list, run] = [await tab(), await tab()];
      await list.page.goto(served.origin);
      await run.page.goto(served.origin + RUNNING);
      await eventually(() => served.runner.watchers()).toBe(2);
      served.runner.replace(
        "companies",
        underWay(sampleSync("companies", "hubspot", ["done"]), 50_000, 64_000, "a place in the minute (12 s)"),
      );
      served.runner.change("owners", { warnings: ["the source is empty"] });
      await eventually(() => list.page.locator("h1").textContent()).toBe("4 of 10 syncs are in.");
      expect(await list.page.locator("#syncs").textContent()).toContain("the source is empty");
      await eventually(() => run.page.locator("#run").textContent()).toContain("waits for a place in the minute");
    });

    it("a page that is not looked at holds no connection, and catches up when it is", async () => {
      const served = await serve();
      const { page } = await tab();
      await page.goto(served.origin);
      await eventually(() => served.runner.watchers()).toBe(1);
      const setHidden = (isHidden: boolean) =>
        page.evaluate(
          `Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`,
        );
      await setHidden(true);
      await eventually(() => served.runner.watchers()).toBe(0);
      served.runner.change("owners", { warnings: ["the source is empty"] });
      await setHidden(false);
      await eventually(() => page.locator("#syncs").textContent()).toContain("the source is empty");
    });

    it("a session that ends leads to the form to sign in, and back", async () => {
      let now = Date.now();
      const served = await serve(usual, WITH_TOKEN, { now: () => now });
      const { page } = await tab();
      await page.goto(`${served.origin}/syncs/owners`);
      await page.getByLabel("Token").fill(TOKEN);
      await page.keyboard.press("Enter");
      await eventually(() => page.locator("#live-state").textContent()).toBe("Live.");
      now += 13 * 60 * 60_000;
      served.runner.change("owners", { warnings: ["new"] });
      await eventually(() => page.locator("h1").textContent()).toBe("Sign in");
      expect(new URL(page.url()).searchParams.get("to")).toBe("/syncs/owners");
    });
  });

  it("a keyboard is enough, and one sees where one is", async () => {
    const served = await serve();
    const { page } = await tab();
    await page.goto(served.origin);
    const focused = async () => String(await page.evaluate("document.activeElement.textContent.trim()"));
    const tabTo = async (name: string) => {
      for (let steps = 0; steps < 60; steps += 1) {
        await page.keyboard.press("Tab");
        const outline = String(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"));
        expect({ on: await focused(), outline }).toEqual({ on: await focused(), outline: "solid" });
        if ((await focused()) === name) return;
      }
      throw new Error(`no way by Tab to ${name}`);
    };
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    expect((await page.locator(".skip").boundingBox())?.y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    await tabTo("customers");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/syncs/customers");
    await page.getByRole("button", { name: "Pause" }).focus();
    await page.keyboard.press("Tab");
    await page.keyboard.type("18220");
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("#answer").textContent()).toContain("No: it is parked.");
    await tabTo("Try them again");
    await page.keyboard.press("Space");
    await eventually(() => page.locator(".flash").textContent()).toMatch(/^Queued: its parked rows/);
    expect(served.runner.asked).toEqual(["retry customers"]);
  });

  it.each(PAGES)(
    "%s: fits any width, is readable by the rules of axe in light and dark, and breaks no policy",
    async (_, scene, path) => {
      const served = await serve(scene, path === "/login" ? WITH_TOKEN : LOCAL);
      const { page, complaints } = await tab();
      await page.goto(await addressOf(served, path));
      for (const details of await page.locator("details:not([open]) > summary").all())
        if (await details.isVisible()) await details.click();
      await page.evaluate(axe.source);
      for (const [colorScheme, width] of WAYS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        const tooWide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect({ width, tooWide }).toEqual({ width, tooWide: 0 });
        const { violations } = await page.evaluate<AxeResults>("axe.run()");
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
        expect({ colorScheme, width, found }).toEqual({ colorScheme, width, found: [] });
      }
      for (const width of [320, 700, 900, 2000]) {
        await page.setViewportSize({ width, height: 800 });
        const tooWide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect({ width, tooWide }).toEqual({ width, tooWide: 0 });
      }
      expect(await page.title()).not.toBe("owned");
      // A page that is not there is a complaint of the browser's, too.
      const expected = path === "/syncs/none" ? [expect.stringContaining("404")] : [];
      expect([...complaints, ...served.errors]).toEqual(expected);
    },
  );

  it("dark is dark and light is light", async () => {
    const served = await serve();
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await tab({ colorScheme });
      await page.goto(served.origin);
      const ground = String(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      const lightness = [...ground.matchAll(/\d+/g)].reduce((sum, [value]) => sum + Number(value), 0) / 3;
      expect(lightness > 128 ? "light" : "dark").toBe(colorScheme);
    }
  });

  it("nothing moves for those who do not want it", async () => {
    const served = await serve();
    for (const [reducedMotion, animation] of [
      ["reduce", "none"],
      ["no-preference", "turn"],
    ] as const) {
      const { page } = await tab({ reducedMotion });
      await page.goto(`${served.origin}/syncs/companies`);
      expect(await page.evaluate(`getComputedStyle(document.querySelector(".icon-busy")).animationName`)).toBe(
        animation,
      );
    }
  });

  it("the policy stops a script that got in all the same, and this file would notice", async () => {
    const served = await serve(hostile);
    const { page, complaints } = await tab();
    await page.goto(`${served.origin}/syncs/${encodeURIComponent(SCRIPT)}`);
    await page.evaluate(
      `document.body.insertAdjacentHTML("beforeend", '<img src="/none" onerror="document.title = &quot;owned&quot;"><p style="color:red">x</p>')`,
    );
    await eventually(() => complaints.join("\n")).toMatch(/Content Security Policy/);
    expect(await page.title()).not.toBe("owned");
  });

  it("another site can neither send forms to it nor frame it", async () => {
    const served = await serve();
    const evil = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end(
        `<form method="post" action="${served.origin}/syncs/owners/run" target="sent"><input name="csrf" value="x"><button>Win</button></form><iframe name="sent"></iframe><iframe name="framed" src="${served.origin}/"></iframe>`,
      );
    });
    await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
    open.push({
      async [Symbol.asyncDispose]() {
        evil.closeAllConnections();
        await new Promise((resolve) => evil.close(resolve));
      },
    });
    const { page, complaints } = await tab();
    // Its user has the page open as well, with all its cookies.
    await page.goto(served.origin);
    await page.goto(`http://localhost:${portOf(evil)}/`);
    const answered = page.waitForResponse((response) => response.url().endsWith("/run"));
    await page.getByRole("button", { name: "Win" }).click();
    expect((await answered).status()).toBe(403);
    expect(served.runner.asked).toEqual([]);
    await eventually(() => complaints.join("\n")).toMatch(/frame-ancestors|Framing/);
    expect(await page.frame("framed")?.locator(".brand").count()).toBe(0);
  });

  it("a receipt is downloaded as a file", async () => {
    const served = await serve(usual, LOCAL);
    const { page } = await tab();
    await page.goto(await addressOf(served, "RUN"));
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^receipt-customers-\d{8}T\d{9}Z-7\.json$/);
  });
});
