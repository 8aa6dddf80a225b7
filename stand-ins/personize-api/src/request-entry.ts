import type { LoggedRequest } from "@acme/stand-in-kit";

/** One request as the server saw it. */
export interface RequestEntry extends LoggedRequest {
  readonly organizationId: string | undefined;
  /** Units counted against the windows; 0 when refused before counting. */
  units: number;
  /** Rows in a batch body; 0 otherwise. */
  rows: number;
  /** The event an accepted write was given. */
  eventId: string | undefined;
  /** Whether a write was taken over, whatever the client was told. */
  applied: boolean;
}
