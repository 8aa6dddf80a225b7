import { z } from "zod";
import type { LoginRefusal, Refusal } from "./errors.ts";

/** The least that answers must have. Salesforce adds fields with every release; unknown ones are passed over. */

/** `records` are taken apart field by field; here they are any objects. */
export const queryAnswer = z.object({
  totalSize: z.number(),
  done: z.boolean(),
  nextRecordsUrl: z.string().nullish(),
  records: z.array(z.record(z.string(), z.unknown())),
});
export type RestRecord = z.output<typeof queryAnswer>["records"][number];

const fieldDescription = z.object({
  name: z.string(),
  label: z.string().nullish(),
  type: z.string(),
  length: z.number().nullish(),
  filterable: z.boolean().nullish(),
  sortable: z.boolean().nullish(),
  calculated: z.boolean().nullish(),
  custom: z.boolean().nullish(),
  nameField: z.boolean().nullish(),
  deprecatedAndHidden: z.boolean().nullish(),
  referenceTo: z.array(z.string()).nullish(),
  relationshipName: z.string().nullish(),
});
export type FieldDescription = z.output<typeof fieldDescription>;

export const objectDescription = z.object({
  name: z.string(),
  label: z.string().nullish(),
  queryable: z.boolean().nullish(),
  replicateable: z.boolean().nullish(),
  fields: z.array(fieldDescription),
});
export type ObjectDescription = z.output<typeof objectDescription>;

/** `composite/batch`: one result for each of the requests, in their order. */
export const batchAnswer = z.object({
  results: z.array(z.object({ statusCode: z.number(), result: z.unknown() })),
});

export const objectList = z.object({
  sobjects: z.array(
    z.object({
      name: z.string(),
      queryable: z.boolean().nullish(),
      deprecatedAndHidden: z.boolean().nullish(),
      customSetting: z.boolean().nullish(),
    }),
  ),
});

export const deletedAnswer = z.object({
  deletedRecords: z.array(z.object({ id: z.string(), deletedDate: z.string().nullish() })),
  earliestDateAvailable: z.string(),
  latestDateCovered: z.string(),
});
export type DeletedAnswer = z.output<typeof deletedAnswer>;

export const jobAnswer = z.object({
  id: z.string().min(1),
  state: z.string(),
  object: z.string().nullish(),
  operation: z.string().nullish(),
  apiVersion: z.number().nullish(),
  numberRecordsProcessed: z.number().nullish(),
  errorMessage: z.string().nullish(),
});
export type JobAnswer = z.output<typeof jobAnswer>;

/** What a login gave, in whichever way. */
export const sessionAnswer = z.object({
  access_token: z.string().min(1),
  instance_url: z.url({ protocol: /^https?$/ }),
  refresh_token: z.string().min(1).nullish(),
});

type Header = (name: string) => string | null;

const errorBody = z.array(z.object({ errorCode: z.string().nullish(), message: z.string().nullish() })).min(1);

/** What an answer of the API says about why it is no success. A page of HTML says nothing. */
export function toRefusal(status: number, header: Header, text: string): Refusal {
  const parsed = errorBody.safeParse(tryJson(text));
  const [first] = parsed.success ? parsed.data : [];
  return {
    status,
    code: first?.errorCode ?? null,
    message: first?.message ?? null,
    retryAfterMs: readRetryAfter(header("retry-after")),
  };
}

const loginBody = z.object({ error: z.string(), error_description: z.string().nullish() });

/** What the token endpoint (an object) or the SOAP login (a fault) says. */
export function toLoginRefusal(status: number, header: Header, text: string): LoginRefusal {
  const refusal = toRefusal(status, header, text);
  const parsed = loginBody.safeParse(tryJson(text));
  const fault = /<faultstring>([^<]+)<\/faultstring>/.exec(text)?.[1] ?? null;
  return {
    ...refusal,
    code: refusal.code ?? /<faultcode>(?:\w+:)?([^<]+)<\/faultcode>/.exec(text)?.[1] ?? null,
    error: parsed.success ? parsed.data.error : null,
    description: parsed.success ? (parsed.data.error_description ?? null) : fault,
  };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readRetryAfter(value: string | null): number | null {
  const seconds = value === null || value.trim() === "" ? Number.NaN : Number(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
