import type { Handler } from "../call.ts";
import { listEntityTypes, me, readCredits, readUsage, test } from "./account.ts";
import { createBatchHandler, validateBatch } from "./batch.ts";
import {
  createCollection,
  deleteCollection,
  listCollections,
  readCollectionHistory,
  updateCollection,
} from "./collections.ts";
import { cancelDeletion, deleteMemories, deleteRecord } from "./deletion.ts";
import { smartDigest } from "./digest.ts";
import { listEvents, readEvent, readEventDetails } from "./events.ts";
import { deleteKeys, listKeys, updateKeys, updateKeysBatch } from "./keys.ts";
import { bulkUpdate, readProperties, readPropertyHistory, readRecord, updateProperty } from "./properties.ts";
import { recall, smartRecall } from "./recall.ts";
import { retrieve, retrieveGated } from "./retrieve.ts";
import { save, memorize } from "./save.ts";
import { filterByProperty, search } from "./search.ts";
import { upsert } from "./upsert.ts";

/** One endpoint with the paths it answers at under each surface (section 5 of the reference). */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly v1: readonly string[];
  readonly v1_1: readonly string[];
  /** Paths the reference lists for v1 only; served under v1.1 as the knob `v1_1Unlisted` says. */
  readonly unlisted?: true;
  /** Whether the request costs what its rows cost. */
  readonly batch?: true;
  readonly handler: Handler;
}

const extractMemoriesBatch = createBatchHandler("extractMemories");
const extractBatch = createBatchHandler("extract");
const eitherBatch = createBatchHandler("either");

export const routes: readonly Route[] = [
  both("GET", ["/me"], me),
  both("GET", ["/test"], test),
  both("GET", ["/collections"], listCollections),
  both("POST", ["/collections"], createCollection),
  both("PATCH", ["/collections/:id"], updateCollection),
  both("DELETE", ["/collections/:id"], deleteCollection),
  both("GET", ["/collections/:id/history"], readCollectionHistory),

  v1Only("GET", ["/events"], listEvents),
  v1Only("GET", ["/events/:id"], readEvent),
  v1Only("GET", ["/events/:id/details"], readEventDetails),
  v1Only("GET", ["/analytics/credits"], readCredits),
  v1Only("POST", ["/analytics/credits"], readCredits),
  v1Only("GET", ["/usage/current"], readUsage),
  v1Only("GET", ["/entity-types", "/entities"], listEntityTypes),

  { method: "POST", v1: ["/batch-memorize"], v1_1: [], batch: true, handler: extractMemoriesBatch },
  { method: "POST", v1: [], v1_1: ["/memory/save/batch"], batch: true, handler: eitherBatch },
  { method: "POST", v1: [], v1_1: ["/memory/import"], batch: true, handler: extractBatch },
  {
    method: "POST",
    v1: ["/memorize/batch/validate"],
    v1_1: ["/memorize/batch/validate"],
    batch: true,
    handler: validateBatch,
  },
  { method: "POST", v1: ["/memorize", "/memorize_pro"], v1_1: [], handler: memorize },
  { method: "POST", v1: [], v1_1: ["/memory/save"], handler: save },
  { method: "POST", v1: ["/upsert"], v1_1: ["/memory/upsert"], handler: upsert },

  { method: "POST", v1: ["/recall", "/recall_pro"], v1_1: [], handler: recall },
  { method: "POST", v1: ["/smart-recall", "/smart-recall-unified"], v1_1: [], handler: smartRecall },
  { method: "POST", v1: ["/retrieve"], v1_1: [], handler: retrieve },
  { method: "POST", v1: [], v1_1: ["/memory/retrieve"], handler: retrieveGated },
  {
    method: "POST",
    v1: ["/smart-memory-digest"],
    v1_1: ["/memory/retrieve/digest", "/memory/digest"],
    handler: smartDigest,
  },
  { method: "POST", v1: ["/search", "/export"], v1_1: ["/memory/manage/search", "/memory/search"], handler: search },
  {
    method: "POST",
    v1: ["/memory/properties", "/properties"],
    v1_1: ["/memory/manage/properties"],
    handler: readProperties,
  },
  {
    method: "POST",
    v1: ["/memory/filter-by-property"],
    v1_1: ["/memory/filter-by-property"],
    handler: filterByProperty,
  },

  { method: "POST", v1: ["/memory/update"], v1_1: ["/memory/manage/update"], handler: updateProperty },
  { method: "POST", v1: ["/memory/bulk-update"], v1_1: [], handler: bulkUpdate },
  { method: "PATCH", v1: [], v1_1: ["/memory/manage"], handler: bulkUpdate },
  { method: "PATCH", v1: [], v1_1: ["/memory/manage/:id"], handler: updateProperty },
  { method: "GET", v1: [], v1_1: ["/memory/manage/:id"], handler: readRecord },
  { method: "GET", v1: [], v1_1: ["/memory/manage/:id/history"], handler: readPropertyHistory },
  { method: "POST", v1: ["/memory/property-history"], v1_1: [], handler: readPropertyHistory },
  { method: "POST", v1: ["/memory/delete"], v1_1: ["/memory/manage/delete"], handler: deleteMemories },
  { method: "POST", v1: ["/memory/delete-record"], v1_1: [], handler: deleteRecord },
  { method: "DELETE", v1: [], v1_1: ["/memory/manage/:id"], handler: deleteByPath },
  { method: "DELETE", v1: [], v1_1: ["/memory/manage"], handler: deleteByBody },
  {
    method: "POST",
    v1: ["/memory/cancel-deletion"],
    v1_1: ["/memory/manage/cancel-deletion"],
    handler: cancelDeletion,
  },
  v1Only("POST", ["/memory/update-keys"], updateKeys),
  v1Only("POST", ["/memory/update-keys-batch"], updateKeysBatch),
  v1Only("POST", ["/memory/list-keys"], listKeys),
  v1Only("POST", ["/memory/delete-keys"], deleteKeys),
];

function both(method: Route["method"], paths: readonly string[], handler: Handler): Route {
  return { method, v1: paths, v1_1: paths, handler };
}

function v1Only(method: Route["method"], paths: readonly string[], handler: Handler): Route {
  return { method, v1: paths, v1_1: paths, unlisted: true, handler };
}

/** DELETE /memory/manage/:id takes the id of a memory or of a record. */
function deleteByPath(call: Parameters<Handler>[0]) {
  const id = call.params["id"] ?? "";
  if (!id.startsWith("MEM#")) return deleteRecord(call);
  call.applied = true;
  return deleteMemories({ ...call, body: { ids: [id] } });
}

/** DELETE /memory/manage takes `ids` or `olderThan` for memories, a record identity for a record. */
function deleteByBody(call: Parameters<Handler>[0]) {
  return "ids" in call.body || "olderThan" in call.body ? deleteMemories(call) : deleteRecord(call);
}
