import { type Control, type HubspotApi, type HubspotApiOptions, startHubspotApi } from "@acme/hubspot-api";
import { createTestRuntime, type TestRuntime } from "@acme/test-servers";
import type { z } from "zod";
import { hubspotConfig } from "../config.ts";
import { createThisMachine } from "../machine.ts";
import { createHubspotSource, type HubspotSource } from "../source.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** When the tests take place; seeded records are older. */
export const TODAY = Date.UTC(2026, 10, 22, 12);

type Config = Omit<z.input<typeof hubspotConfig>, "baseUrl">;

export interface TestPortal {
  readonly api: HubspotApi;
  readonly control: Control;
  readonly runtime: TestRuntime;
  /** @param before is called before every request, with its body as JSON: what others do between two calls. */
  source(config?: Partial<Config>, before?: (body: string) => void): HubspotSource;
  stop(): Promise<void>;
}

export const TOKEN = "pat-eu1-stand-in";

/** A stand-in and a clock that both sides read. */
export async function startPortal(options: HubspotApiOptions = {}): Promise<TestPortal> {
  const runtime = createTestRuntime(TODAY);
  const api = await startHubspotApi({ now: () => runtime.now(), requestLogSize: 100_000, logBodies: true, ...options });
  const machine = createThisMachine(api.url);
  const open: HubspotSource[] = [];
  return {
    api,
    control: api.control,
    runtime,
    source(config = {}, before = () => undefined) {
      const credential = config.oauth === undefined ? { token: TOKEN } : {};
      const source = createHubspotSource(
        hubspotConfig.parse({ object: "contacts", ...credential, ...config, baseUrl: api.url }),
        runtime,
        {
          ...machine,
          async transport(request) {
            before(JSON.stringify(request.body ?? null));
            return await machine.transport(request);
          },
        },
      );
      open.push(source);
      return source;
    },
    async stop() {
      await Promise.all(open.map((source) => source.close()));
      await api.close();
    },
  };
}

/** What the portal holds now: live records, with their value of one property. */
export function truth(control: Control, type: string, property: string): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>();
  for (const record of control.eachRecord({ type })) found.set(record.id, record.properties[property] ?? null);
  return found;
}
