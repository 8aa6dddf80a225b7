import { type Control, type SalesforceApi, type SalesforceApiOptions, startSalesforceApi } from "@acme/salesforce-api";
import type { Cursor, Page, Row, Source } from "@acme/sync-core";
import { createTestRuntime, differences, heldValues, type Reader, type TestRuntime } from "@acme/test-servers";
import type { z } from "zod";
import { salesforceConfig } from "../config.ts";
import { type Machine, thisMachine } from "../machine.ts";
import { createSalesforceSource } from "../source.ts";

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** When the tests take place; seeded records are older. */
export const TODAY = Date.UTC(2026, 10, 22, 12);

export const CLIENT = { clientId: "stand-in-client", clientSecret: "stand-in-secret" };
export const SECRETS = ["stand-in-secret", "stand-in-refresh", "stand-in-password", "stand-in-token"];

type Config = z.input<typeof salesforceConfig>;
export type Settings = Partial<Config>;

export interface TestOrg {
  readonly api: SalesforceApi;
  readonly control: Control;
  readonly runtime: TestRuntime;
  source(config?: Settings, machine?: Machine): Source;
  /** Paths and queries of requests since a number, in the order in which they came; without logins. */
  calls(afterNumber?: number): readonly string[];
  lastNumber(): number;
  stop(): Promise<void>;
}

/** A stand-in and a clock that both sides read. */
export async function startOrg(options: SalesforceApiOptions = {}): Promise<TestOrg> {
  const runtime = createTestRuntime(TODAY);
  const api = await startSalesforceApi({
    now: () => runtime.now(),
    requestLogSize: 100_000,
    logBodies: true,
    ...options,
    org: { untilMs: TODAY - DAY, ...options.org },
  });
  const open: Source[] = [];
  return {
    api,
    control: api.control,
    runtime,
    source(config = {}, machine = thisMachine) {
      const hasWay = ["oauth", "jwt", "password"].some((way) => way in config);
      const source = createSalesforceSource(
        salesforceConfig.parse({
          object: "Contact",
          loginUrl: api.url,
          ...(hasWay ? {} : { clientCredentials: CLIENT }),
          ...config,
        }),
        runtime,
        machine,
      );
      open.push(source);
      return source;
    },
    calls: (afterNumber = 0) =>
      api.control
        .requests({ afterNumber })
        .filter(({ path }) => !path.includes("/oauth2/"))
        .map(({ method, path, query }) => decodeURIComponent(`${method} ${path}${query}`)),
    lastNumber: () => api.control.requests().at(-1)?.number ?? 0,
    async stop() {
      await Promise.all(open.map((source) => source.close()));
      await api.close();
    },
  };
}

export const lastCursor = (pages: readonly Page[]): Cursor => pages.at(-1)?.cursor ?? null;
export const noticesOf = (pages: readonly Page[]): readonly string[] => pages.flatMap((page) => page.notices ?? []);

/** A field's value where it is a text; else nothing. */
export function textOf({ fields }: Pick<Row, "fields">, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

/** What the org holds now: live records, with their value of one field. */
export function truth(control: Control, object: string, field: string): ReadonlyMap<string, unknown> {
  return new Map([...control.eachRow({ object })].map((row) => [row.id, row.values[field] ?? null]));
}

/** Fails where a reader does not hold what the org holds. */
export function missingOf(
  { control }: TestOrg,
  reader: Reader,
  object = "Contact",
  field = "LastName",
): readonly string[] {
  return differences(truth(control, object, field), heldValues(reader, field));
}
