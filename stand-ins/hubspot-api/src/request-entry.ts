import type { LoggedRequest } from "@acme/stand-in-kit";

/** One request as the server saw it. */
export interface RequestEntry extends LoggedRequest {
  /** Which counter it belongs to, such as `search`; `unknown` when no route matches. */
  family: string;
  /** Name of the app whose token came with it. */
  readonly app: string | undefined;
  /** Of a 429. */
  policyName: string | undefined;
  /** Records, owners, properties or association results in the answer. */
  rows: number;
  /** Inputs of a batch read. */
  inputs: number;
  /** Parsed body, when the knob `logBodies` is on. */
  body: unknown;
}
