import type { Route } from "../router.ts";
import { answerBatch } from "./batch.ts";
import { abortJob, createJob, deleteJob, listJobs, readJob } from "./bulk-jobs.ts";
import { listResultPages, readResults } from "./bulk-results.ts";
import { describeGlobal, describeObject, readObjectInfo } from "./describe.ts";
import { readIdentity, readUserInfo } from "./identity.ts";
import { countRecords, readLimits } from "./limits.ts";
import { query, queryAll, queryMore } from "./query.ts";
import { readDeleted, readUpdated } from "./replication.ts";
import { retrieveMany, retrieveOne } from "./retrieve.ts";
import { listResources } from "./versions.ts";

/** Everything that is answered to a session. */
export const routes: readonly Route[] = [
  { method: "GET", path: "/services/oauth2/userinfo", family: "identity", handler: readUserInfo },
  { method: "GET", path: "/id/:organization/:user", family: "identity", handler: readIdentity },
  { method: "GET", path: "", family: "versions", handler: listResources },
  { method: "GET", path: "/sobjects", family: "describe", handler: describeGlobal },
  { method: "GET", path: "/sobjects/:object", family: "describe", handler: readObjectInfo },
  { method: "GET", path: "/sobjects/:object/describe", family: "describe", handler: describeObject },
  { method: "GET", path: "/sobjects/:object/updated", family: "replication", handler: readUpdated },
  { method: "GET", path: "/sobjects/:object/deleted", family: "replication", handler: readDeleted },
  { method: "GET", path: "/sobjects/:object/:id", family: "retrieve", handler: retrieveOne },
  { method: "GET", path: "/composite/sobjects/:object", family: "retrieve", handler: retrieveMany },
  { method: "POST", path: "/composite/sobjects/:object", family: "retrieve", handler: retrieveMany },
  { method: "GET", path: "/query", family: "query", handler: query },
  { method: "GET", path: "/queryAll", family: "query", handler: queryAll },
  { method: "GET", path: "/query/:locator", family: "query", handler: queryMore },
  { method: "GET", path: "/limits", family: "limits", handler: readLimits },
  { method: "GET", path: "/limits/recordCount", family: "limits", handler: countRecords },
  { method: "POST", path: "/jobs/query", family: "bulk", handler: createJob },
  { method: "GET", path: "/jobs/query", family: "bulk", handler: listJobs },
  { method: "GET", path: "/jobs/query/:id", family: "bulk", handler: readJob },
  { method: "PATCH", path: "/jobs/query/:id", family: "bulk", handler: abortJob },
  { method: "DELETE", path: "/jobs/query/:id", family: "bulk", handler: deleteJob },
  { method: "GET", path: "/jobs/query/:id/results", family: "bulk-results", handler: readResults },
  { method: "GET", path: "/jobs/query/:id/resultPages", family: "bulk-results", handler: listResultPages },
  { method: "POST", path: "/composite/batch", family: "batch", handler: answerBatch },
];
