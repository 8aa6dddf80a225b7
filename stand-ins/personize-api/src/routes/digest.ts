import { numberField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import type { Handler } from "../call.ts";
import { toTokenCount } from "../extraction.ts";
import { createFoldedRecord } from "../folded-record.ts";
import { hasIdentifier, toIdentifiers, toNamedKeys } from "../records.ts";
import { toReply } from "../reply.ts";
import { toIso } from "../to-iso.ts";
import { toValueMap } from "../views.ts";

/** `smartDigest`: one record by identifier, in constant time, cut to a token budget. Orphan memories never show. */
export const smartDigest: Handler = (call) => {
  const { body, organization, world } = call;
  const { historyLimit, digestUnknownRecord } = world.knobs;
  const identifiers = toIdentifiers(body);
  if (!hasIdentifier(identifiers)) throw new ApiError(400, "MISSING_PARAMS", "could not resolve recordId");
  const typeKey = textField(body, "type")?.trim().toLowerCase();
  const found = organization.records.find(identifiers, typeKey);
  const record = found?.isVisible() === true ? found : undefined;
  if (record === undefined && digestUnknownRecord === "not-found") {
    throw new ApiError(404, "RECORD_NOT_FOUND", "Record not found, or not yet indexed");
  }
  const tokenBudget = numberField(body, "token_budget", "tokenBudget") ?? 1000;
  const maxMemories = numberField(body, "max_memories", "maxMemories") ?? 20;
  const folded = record?.fold(historyLimit) ?? createFoldedRecord();
  const withProperties = (body["include_properties"] ?? body["includeProperties"]) !== false;
  const withMemories = (body["include_memories"] ?? body["includeMemories"]) !== false;
  const properties = withProperties ? toValueMap(folded.cells) : {};
  const newest = (record?.memories(folded) ?? []).toSorted((left, right) => right.createdAtMs - left.createdAtMs);
  const memories = withMemories ? newest.slice(0, maxMemories) : [];
  const name = record === undefined ? "" : (Object.values(toNamedKeys(record))[0] ?? record.key);
  const compiledContext = compile(
    [
      `# ${record?.type ?? textField(body, "type") ?? "record"} ${name}`.trim(),
      ...Object.entries(properties)
        .filter(([, value]) => value !== null)
        .map(([property, value]) => `- ${property}: ${typeof value === "string" ? value : JSON.stringify(value)}`),
      ...memories.map((memory) => `* ${memory.text}`),
    ],
    tokenBudget,
  );
  return toReply({
    recordId: record === undefined ? null : organization.records.recordIdOf(record),
    type: record?.type ?? textField(body, "type") ?? null,
    properties,
    memories: memories.map((memory) => ({ text: memory.text, createdAt: toIso(memory.createdAtMs) })),
    compiledContext,
    tokenEstimate: toTokenCount(compiledContext),
    tokenBudget,
  });
};

/** As many whole lines as the budget allows, in order. */
function compile(lines: readonly string[], tokenBudget: number): string {
  let text = "";
  for (const line of lines) {
    const longer = text === "" ? line : `${text}\n${line}`;
    if (toTokenCount(longer) > tokenBudget) break;
    text = longer;
  }
  return text;
}
