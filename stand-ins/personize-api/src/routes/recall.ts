import { flagField, listField, numberField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import type { Call, Handler } from "../call.ts";
import type { Memory } from "../folded-record.ts";
import { hasIdentifier, toIdentifiers } from "../records.ts";
import { toReply } from "../reply.ts";
import { toOverlap, toWords } from "../similarity.ts";
import type { StoredRecord } from "../stored-record.ts";
import { toIso } from "../to-iso.ts";
import { toMemoryView, toValueMap } from "../views.ts";

interface Hit {
  readonly record: StoredRecord | undefined;
  readonly memory: Memory;
  readonly score: number;
}

/** Direct recall: the memories that share a word with `query` (all of them without one), best first. */
export const recall: Handler = (call) => {
  const { body, organization, world } = call;
  const type = textField(body, "type");
  if (type === undefined && world.knobs.recallRequiresType) {
    throw new ApiError(400, "MISSING_PARAMS", "type is required", {
      details: [{ field: "type", message: "is required" }],
    });
  }
  const typeKey = type?.trim().toLowerCase();
  const identifiers = toIdentifiers(body);
  const named = hasIdentifier(identifiers) ? organization.records.find(identifiers, typeKey) : undefined;
  const words = toWords(textField(body, "query") ?? "");
  const hits = collectHits(call, words, [], 0).filter(
    ({ record }) => record !== undefined && (typeKey === undefined || record.typeKey === typeKey),
  );
  const shown = hits.slice(0, numberField(body, "limit") ?? 10);
  const memories = shown.filter(({ memory }) => memory.property !== undefined);
  const freeform = shown.filter(({ memory }) => memory.property === undefined);
  return toReply({
    memories: memories.map(({ record, memory, score }) => ({ ...toMemoryView(organization, record, memory), score })),
    freeformMemories: freeform.map(({ record, memory, score }) => ({
      ...toMemoryView(organization, record, memory),
      score,
    })),
    memoryCount: memories.length,
    freeformMemoryCount: freeform.length,
    recordId: named === undefined ? null : organization.records.recordIdOf(named),
    type: type ?? null,
    systemIntro: "",
  });
};

/** Semantic recall; the score is the share of the query's words that the memory has. `type` alone narrows nothing. */
export const smartRecall: Handler = (call) => {
  const { body, organization, world } = call;
  const query = textField(body, "query");
  if (query === undefined) throw new ApiError(400, "MISSING_PARAMS", "query is required");
  const fast = body["mode"] === "fast";
  const limit = Math.min(numberField(body, "limit") ?? (fast ? 100 : 10), 100);
  const minScore = numberField(body, "minScore", "min_score") ?? (fast ? 0.3 : 0);
  const collectionIds = listField(body, "collectionIds").filter((id): id is string => typeof id === "string");
  let hits = collectHits(call, toWords(query), collectionIds, minScore);
  if (flagField(body, "prefer_recent", "preferRecent")) {
    hits = hits.toSorted((left, right) => right.memory.createdAtMs - left.memory.createdAtMs);
  }
  if (flagField(body, "groupByRecord")) {
    const seen = new Set<StoredRecord | undefined>();
    hits = hits.filter(({ record }) => !seen.has(record) && seen.add(record));
  }
  const withProperties = flagField(body, "include_property_values", "includePropertyValues");
  const results = hits.slice(0, limit).map(({ record, memory, score }) => ({
    text: memory.text,
    score,
    recordId: record === undefined ? null : organization.records.recordIdOf(record),
    type: record?.type ?? null,
    createdAt: toIso(memory.createdAtMs),
    properties: withProperties && record !== undefined ? toValueMap(record.fold(world.knobs.historyLimit).cells) : {},
  }));
  const answers = flagField(body, "generate_answer", "generateAnswer");
  return toReply({ results, ...(answers ? { answer: results[0]?.text ?? "" } : {}) });
};

function collectHits(
  call: Call,
  words: ReadonlySet<string>,
  collectionIds: readonly string[],
  minScore: number,
): Hit[] {
  const { organization, world, body } = call;
  const { historyLimit } = world.knobs;
  const identifiers = toIdentifiers(body);
  const one = hasIdentifier(identifiers);
  const named = one ? organization.records.find(identifiers, textField(body, "type")?.trim().toLowerCase()) : undefined;
  const hits: Hit[] = [];
  const consider = (record: StoredRecord | undefined, memory: Memory) => {
    if (collectionIds.length > 0 && !collectionIds.includes(memory.collectionId)) return;
    const score = words.size === 0 ? 1 : toOverlap(words, memory.text);
    if (score > 0 && score >= minScore) hits.push({ record, memory, score });
  };
  const records: Iterable<StoredRecord> = one ? (named === undefined ? [] : [named]) : organization.records.all();
  for (const record of records) {
    if (!record.isVisible() || !record.mayHaveMemories) continue;
    for (const memory of record.memories(record.fold(historyLimit))) consider(record, memory);
  }
  if (!one) {
    for (const { text, createdAtMs } of organization.orphans) {
      consider(undefined, { text, createdAtMs, property: undefined, collectionId: "" });
    }
  }
  return hits.toSorted((left, right) => right.score - left.score);
}
