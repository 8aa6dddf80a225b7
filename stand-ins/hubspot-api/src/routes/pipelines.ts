import { type Call, readableType } from "../call.ts";
import { dealStages, ticketStages } from "../portal/other-properties.ts";
import { type Reply, toReply } from "../reply.ts";

/** GET /crm/v3/pipelines/{type}: one pipeline for deals, one for tickets, none for others. */
export function listPipelines(call: Call): Reply {
  const type = readableType(call);
  const at = new Date(call.portal.facts.createdAtMs).toISOString();
  const dates = { createdAt: at, updatedAt: at, archived: false };
  const toPipeline = (id: string, label: string, stages: readonly string[]) => ({
    id,
    label,
    displayOrder: 0,
    ...dates,
    stages: stages.map((stage, displayOrder) => ({ id: stage, label: stage, displayOrder, metadata: {}, ...dates })),
  });
  const results =
    type.facts.name === "deals"
      ? [toPipeline("default", "Sales Pipeline", dealStages)]
      : type.facts.name === "tickets"
        ? [toPipeline("0", "Support Pipeline", ticketStages)]
        : [];
  call.rows = results.length;
  return toReply({ results });
}
