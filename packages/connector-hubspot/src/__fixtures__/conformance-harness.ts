import type { SourceHarness } from "@acme/sync-core/testing";
import { type HubspotApiOptions, startHubspotApi } from "@acme/hubspot-api";
import { createTestRuntime, findFreePort } from "@acme/test-servers";
import { hubspotConfig } from "../config.ts";
import { createHubspotSource } from "../source.ts";
import { TODAY, TOKEN } from "./portal.ts";

const WRONG_TOKEN = "pat-eu1-wrong-token-of-nobody";
const TEXT = "conformance_text";
/** How long a change may take until a search shows it, and how far the exact pass stays behind. */
const INDEX_LAG_MS = 40_000;
const LAG_MS = 60_000;

export interface Shape {
  readonly object: "contacts" | "notes" | "p4242_car";
  /** Whether the live pass runs besides the exact one. */
  readonly live: boolean;
  readonly knobs?: Partial<HubspotApiOptions>;
}

/** An empty portal on a clock that both sides read: what a search shows lags, and sweeps are due now and then. */
export async function createHubspotHarness(shape: Shape): Promise<SourceHarness> {
  const runtime = createTestRuntime(TODAY);
  const api = await startHubspotApi({
    now: () => runtime.now(),
    indexLagMs: { minMs: 0, maxMs: INDEX_LAG_MS },
    portal: {
      fullSchemas: false,
      customObjects: [{ name: "car", labels: { singular: "Car", plural: "Cars" }, properties: [] }],
    },
    ...shape.knobs,
  });
  const { control } = api;
  const { object } = shape;
  control.defineProperty(object, { name: TEXT, type: "string", fieldType: "textarea" });
  const nowhere = await findFreePort();

  return {
    textField: TEXT,
    secrets: [TOKEN, WRONG_TOKEN],
    open({ pageRows, fault }) {
      const config = hubspotConfig.parse({
        token: fault === "credentials" ? WRONG_TOKEN : TOKEN,
        object: fault === "stream" ? "p4242_no_such_object" : object,
        baseUrl: fault === "address" ? `http://127.0.0.1:${nowhere}` : api.url,
        pageRows,
        lagMs: LAG_MS,
        overlapMs: 1000,
        exactEveryMs: 0,
        live: shape.live,
        archivedEveryMs: 5 * LAG_MS,
        mergedEveryMs: 7 * LAG_MS,
        reconcileEveryMs: 11 * LAG_MS,
      });
      return createHubspotSource(config, runtime);
    },
    async insert(texts) {
      runtime.advance(1);
      const atMs = runtime.now();
      return texts.map((text) => control.create(object, { [TEXT]: text }, { atMs }));
    },
    async update(key, text) {
      runtime.advance(1);
      control.update(object, key, { [TEXT]: text });
    },
    async remove(key) {
      control.gdprDelete(object, key);
    },
    async insertEveryType() {
      for (const [name, type, fieldType] of [
        ["t_number", "number", "number"],
        ["t_bool", "bool", "booleancheckbox"],
        ["t_date", "date", "date"],
        ["t_datetime", "datetime", "date"],
        ["t_select", "enumeration", "select"],
        ["t_several", "enumeration", "checkbox"],
        ["t_html", "string", "html"],
        ["t_phone", "phone_number", "phonenumber"],
        ["t_empty", "string", "text"],
        ["t_unset", "number", "number"],
      ] as const) {
        control.defineProperty(object, { name, type, fieldType });
      }
      const values = {
        [TEXT]: "every type",
        t_number: "12345678901234567890.10",
        t_bool: "true",
        t_date: "2024-02-29",
        t_datetime: "2024-02-29T10:00:00.123Z",
        t_select: "one",
        t_several: "one;two;three",
        t_html: "<p>&amp; more</p>",
        t_phone: "+43 1 234",
        t_empty: "",
      };
      const key = control.create(object, values);
      return { key, fields: { ...values, hs_object_id: key, t_unset: null } };
    },
    async stall() {
      const id = control.addFault({ kind: "hang-before", times: 1_000_000 });
      return async () => control.removeFault(id);
    },
    async cut() {
      api.cutConnections();
    },
    async settle() {
      runtime.advance(LAG_MS + 1000);
    },
    dispose: () => api.close(),
  };
}
