import type { LoggedRequest } from "@acme/stand-in-kit";

/** One request as the server saw it. */
export interface RequestEntry extends LoggedRequest {
  /** Which counter it belongs to, such as `query`; `unknown` when no route matches. */
  family: string;
  /** Username of the session that came with it. */
  readonly user: string | undefined;
  /** Of an error. */
  errorCode: string | undefined;
  /** Rows, objects, fields or ids in the answer. */
  rows: number;
  /** Parsed body, when the knob `logBodies` is on. */
  body: unknown;
}
