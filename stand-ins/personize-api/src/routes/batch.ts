import { accept } from "../accept.ts";
import type { ApiEvent } from "../api-event.ts";
import { type ExtractFlag, toBatchRequest } from "../batch-request.ts";
import type { Call, Handler } from "../call.ts";
import { type Reply, toReply } from "../reply.ts";
import { toRowKey } from "../row-identity.ts";

/** `memorizeBatch`, `saveBatch` and `import`, which differ in how they spell the extraction flag. */
export function createBatchHandler(extractFlag: ExtractFlag): Handler {
  return (call) => {
    const batch = toBatchRequest(call.body, toContext(call, extractFlag));
    if (batch.dryRun) return toDryRunReply(batch.parts, batch.rowCount);
    const { knobs } = call.world;
    const inline = knobs.batchResult === "inline";
    const event = accept(call, { type: "memorize.batch", ...batch }, inline);
    if (inline) return toInlineReply(event, knobs.failureReport);
    return toReply(
      { eventId: event.eventId, trackingId: toTrackingId(event), queued: batch.rowCount },
      knobs.acceptedStatus,
    );
  };
}

/** All checks of a batch, and nothing else. */
export const validateBatch: Handler = (call) => {
  const batch = toBatchRequest(call.body, toContext(call, "either"));
  return toDryRunReply(batch.parts, batch.rowCount);
};

function toContext(call: Call, extractFlag: ExtractFlag) {
  const { organization, world } = call;
  return {
    collections: organization.collections,
    knobs: world.knobs,
    maxRows: world.knobs.maxRowsPerBatch ?? organization.plan.maxRowsPerBatch,
    bodyBytes: call.bodyBytes,
    extractFlag,
  };
}

function toInlineReply(event: ApiEvent, report: "rows" | "counts" | "none"): Reply {
  const memorized = event.rowCount - event.failures.length;
  const errors = event.failures.map(({ index, email, content, code, message }) => ({
    email: email ?? null,
    content: content ?? null,
    message,
    ...(report === "rows" ? { index, code } : {}),
  }));
  return toReply(report === "none" ? { memorized } : { memorized, errors });
}

function toDryRunReply(parts: ReturnType<typeof toBatchRequest>["parts"], rowCount: number): Reply {
  const errors = parts.flatMap(({ plan, rows, firstIndex }) =>
    rows.flatMap((row, offset) =>
      toRowKey(plan, row) === undefined
        ? [{ index: firstIndex + offset, code: "MISSING_IDENTIFIER", message: "missing required identifier" }]
        : [],
    ),
  );
  return toReply({ dryRun: true, valid: errors.length === 0, rowCount, errors });
}

function toTrackingId(event: ApiEvent): string {
  return event.eventId.replace("evt_", "trk_");
}
