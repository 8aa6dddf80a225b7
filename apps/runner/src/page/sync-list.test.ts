import { describe, expect, it } from "vitest";
import { sampleSync } from "./__fixtures__/sample-syncs.ts";
import { many, usual } from "./__fixtures__/scenes.ts";
import { isPaused, standingOf } from "./standing.ts";
import { listSyncs, readListQuery, writeListQuery } from "./sync-list.ts";

const read = (query: string) => readListQuery((name) => new URLSearchParams(query).get(name) ?? undefined);
const views = (scene: typeof usual) => scene.syncs.map(({ view }) => view);
const names = (query: string, scene = usual) => listSyncs(views(scene), read(query)).syncs.map(({ name }) => name);

describe("the list of syncs", () => {
  it("has problems first: what failed, what needs a look, what is at work, the rest", () => {
    expect(names("")).toEqual([
      "invoices",
      "contacts-emea",
      "customers",
      "products",
      "companies",
      "tickets",
      "archive-2019",
      "deals",
      "owners",
      "one-off-import",
    ]);
  });

  it.each([
    ["show=problems", ["invoices", "contacts-emea", "customers", "products"]],
    ["show=busy", ["companies", "tickets"]],
    ["show=waiting", ["contacts-emea", "tickets"]],
    ["show=paused", ["archive-2019"]],
    ["q=MYSQL", ["tickets", "archive-2019"]],
    ["q=cust", ["customers"]],
    ["q=%3Cscript%3E", []],
    ["show=in&sort=rows", ["archive-2019", "companies", "deals", "tickets", "owners"]],
  ])("%s", (query, expected) => {
    expect(names(query)).toEqual(expected);
  });

  it("puts the stalest first where asked, and what was never fresh before that", () => {
    expect(names("sort=fresh").slice(0, 2)).toEqual(["one-off-import", "invoices"]);
  });

  it("shows 300 in parts, and the last part for a number beyond it", () => {
    expect(listSyncs(views(many), read("page=2"))).toMatchObject({ matching: 300, page: 2, pages: 6 });
    expect(listSyncs(views(many), read("page=99")).page).toBe(6);
    const all = [1, 2, 3, 4, 5, 6].flatMap((page) => names(`page=${page}&sort=name`, many));
    expect(new Set(all).size).toBe(300);
    expect(all[0]).toBe("tenant-001-customers");
  });

  it.each(["page=0", "page=-1", "page=1e9", "page=x", "show=evil", "sort=__proto__", `q=${"x".repeat(5000)}`])(
    "%s does no harm",
    (query) => {
      const { page, show, sort, text } = read(query);
      expect({ page, show, sort, isShort: text.length <= 200 }).toEqual({
        page: 1,
        show: "all",
        sort: "problems",
        isShort: true,
      });
    },
  );

  it("writes a query that is read as it was", () => {
    for (const query of [read(""), read("q=a%26b+c&show=busy&sort=next&page=3")])
      expect(read(writeListQuery(query).slice(2))).toEqual(query);
    expect(writeListQuery(read(""))).toBe("/");
    expect(writeListQuery({ ...read(""), text: "\uD800" })).toBe("/?q=%EF%BF%BD");
  });
});

describe("standingOf", () => {
  const standing = (...args: Parameters<typeof sampleSync>) => standingOf(sampleSync(...args).view);

  it("is in only if the last run ended well, nothing is parked and nobody warns", () => {
    expect(standing("a", "postgres", ["done", "failed"]).level).toBe("good");
    expect(standing("a", "postgres", ["failed", "done"])).toMatchObject({ level: "bad", headline: "Failed" });
    expect(standing("a", "postgres", ["done"], { warnings: ["empty source"] })).toEqual({
      level: "warn",
      headline: "In, with a warning",
      reason: "empty source",
    });
    expect(standing("a", "postgres", ["done"], { parkedRows: 1 }).headline).toBe("In, but 1 row is parked");
    expect(standing("a", "postgres", [], { warnings: ["its schedule was missed"] })).toMatchObject({
      level: "warn",
      headline: "Never ran",
    });
    expect(standing("a", "postgres", []).level).toBe("off");
    for (const outcome of ["quota", "gave-up", "interrupted"] as const)
      expect(standing("a", "postgres", [outcome, "done"]).level).toBe("warn");
  });

  it("knows a sync that was paused while it runs", () => {
    const running = sampleSync("a", "postgres", ["done"], { state: "running", nextRunAt: null }).view;
    expect(isPaused(running)).toBe(true);
    expect(isPaused({ ...running, schedule: null })).toBe(false);
  });
});
