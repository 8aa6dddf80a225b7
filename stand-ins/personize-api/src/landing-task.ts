import type { Due } from "@acme/stand-in-kit";
import type { ApiEvent } from "./api-event.ts";
import type { Write, WritePart } from "./write-plan.ts";

/** Rows that passed all checks, with the keys of their records. */
export interface PassedRows {
  readonly keys: string[];
  readonly writes: Write[];
}

/** Something to do to an event at a time: finish it, make its rows readable, or land them once more. */
export interface LandingTask extends Due {
  readonly event: ApiEvent;
  readonly action: "finish" | "apply" | "again";
  readonly passed: PassedRows | undefined;
  readonly parts: readonly WritePart[] | undefined;
}
