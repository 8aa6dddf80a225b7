import type { Json } from "@acme/sync-core";
import type { ServiceScenario } from "./scenario.ts";

/** What the service keeps of a batch that it accepted. */
export interface ServiceEvent {
  readonly id: string;
  readonly rowCount: number;
  /** When its status becomes final. */
  endsAt: number;
  readonly end: EventEnd;
  /** From when on nobody knows it any more; null: never. */
  readonly vanishesAt: number | null;
  /** A word for being under way that no page documents. */
  readonly strangeWord: boolean;
}

export type EventEnd =
  | { readonly state: "landed" }
  | {
      readonly state: "partial";
      readonly failed: readonly FailedRow[];
      readonly told: "list" | "short-list" | "nothing";
    }
  | { readonly state: "failed"; readonly code: string }
  | { readonly state: "stale" };

export interface FailedRow {
  readonly index: number;
  readonly code: string;
}

const words = [
  { waiting: "pending", working: "processing", landed: "completed", partial: "partial_failure" },
  { waiting: "pending", working: "processing", landed: "completed", partial: "partial_completed" },
  { waiting: "received", working: "processing", landed: "completed", partial: "partial" },
  { waiting: "queued", working: "running", landed: "succeeded", partial: "partial" },
] as const;

/** An event as the service shows it at `now`. @param brief as listings show it: the status only. */
export function toEventBody(
  event: ServiceEvent,
  now: number,
  { vocabulary }: Pick<ServiceScenario, "vocabulary">,
  brief: boolean,
): Record<string, unknown> {
  const { waiting, working, landed, partial } = words[vocabulary];
  const body = { eventId: event.id };
  if (now < event.endsAt) {
    if (event.strangeWord) return { ...body, status: "awaiting_reindex" };
    return { ...body, status: event.endsAt - now > 2000 ? waiting : working };
  }
  const { end } = event;
  switch (end.state) {
    case "landed":
      return { ...body, status: landed, responsePayload: { memorized: event.rowCount } };
    case "stale":
      return { ...body, status: "failed_stale" };
    case "failed":
      return brief ? { ...body, status: "failed" } : { ...body, status: "failed", error: end.code };
    case "partial":
      return brief ? { ...body, status: partial } : { ...body, status: partial, ...toFailures(end, vocabulary) };
  }
}

function toFailures(
  { failed, told }: Extract<EventEnd, { state: "partial" }>,
  vocabulary: ServiceScenario["vocabulary"],
): Record<string, Json> {
  if (told === "nothing") return { failedCount: failed.length };
  const list = told === "list" ? failed : failed.slice(1);
  if (vocabulary % 2 === 0) {
    const errors = list.map(({ index, code }) => ({ index, code, message: `row ${index} was not stored` }));
    return { failedCount: failed.length, responsePayload: { errors } };
  }
  return { failedCount: failed.length, rows: list.map(({ index, code }) => ({ rowIndex: index, error: { code } })) };
}
