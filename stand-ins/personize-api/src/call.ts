import { type Fields, textField } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import type { Fate } from "./fate.ts";
import type { Organization } from "./organization.ts";
import { hasIdentifier, toIdentifiers } from "./records.ts";
import type { Reply } from "./reply.ts";
import type { StoredRecord } from "./stored-record.ts";
import type { World } from "./world.ts";

/** An admitted request. */
export interface Call {
  readonly world: World;
  readonly organization: Organization;
  readonly key: string;
  readonly surface: "v1" | "v1.1";
  readonly query: URLSearchParams;
  /** Values of `:name` segments of the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Fields;
  readonly bodyBytes: number;
  readonly fate: Fate;
  readonly nowMs: number;
  readonly address: string;
  readonly userAgent: string;
  /** Set by handlers that accept a write, for the request log. */
  eventId: string | undefined;
  applied: boolean;
}

/** Answers a call. Throws ApiError for a refusal. Never waits: all timing is by timestamps. */
export type Handler = (call: Call) => Reply;

/**
 * The visible record that the body names.
 * Throws ApiError: 400 without an identifier, 404 RECORD_NOT_FOUND when nothing (or nothing yet) is there.
 */
export function requireRecord(call: Call, fields: Fields = call.body): StoredRecord {
  const identifiers = toIdentifiers(fields);
  if (!hasIdentifier(identifiers)) throw new ApiError(400, "MISSING_PARAMS", "could not resolve recordId");
  const record = call.organization.records.find(identifiers, textField(fields, "type")?.trim().toLowerCase());
  if (record === undefined || !record.isVisible()) {
    throw new ApiError(404, "RECORD_NOT_FOUND", "Record not found, or not yet indexed");
  }
  return record;
}
