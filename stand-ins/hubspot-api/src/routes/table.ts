import type { Route } from "../router.ts";
import { readAccount, readDailyUsage } from "./account.ts";
import { batchReadAssociations, listAssociationLabels, readAssociations } from "./associations.ts";
import { batchReadRecords } from "./batch-read.ts";
import { listRecords } from "./list.ts";
import { listOwners, readOwner } from "./owners.ts";
import { listPipelines } from "./pipelines.ts";
import { listProperties, readProperty } from "./properties.ts";
import { readRecord } from "./read-record.ts";
import { listSchemas, readSchema } from "./schemas.ts";
import { searchRecords } from "./search.ts";
import { archiveOverHttp, createOverHttp, gdprDeleteOverHttp, mergeOverHttp, updateOverHttp } from "./writes.ts";

function get(path: string, family: Route["family"], handler: Route["handler"]): Route {
  return { method: "GET", path, family, limitClass: family === "associations" ? "association" : "normal", handler };
}

function post(path: string, family: Route["family"], handler: Route["handler"]): Route {
  const limitClass = family === "search" ? "search" : family === "associations" ? "association" : "normal";
  return { method: "POST", path, family, limitClass, handler };
}

/** Every route that needs a token. Dated paths are rewritten to these. */
export const routes: readonly Route[] = [
  get("/crm/v3/objects/:type", "list", listRecords),
  post("/crm/v3/objects/:type", "write", createOverHttp),
  post("/crm/v3/objects/:type/search", "search", searchRecords),
  post("/crm/v3/objects/:type/batch/read", "batch-read", batchReadRecords),
  post("/crm/v3/objects/:type/merge", "write", mergeOverHttp),
  post("/crm/v3/objects/:type/gdpr-delete", "write", gdprDeleteOverHttp),
  get("/crm/v3/objects/:type/:id", "read", readRecord),
  { ...post("/crm/v3/objects/:type/:id", "write", updateOverHttp), method: "PATCH" },
  { ...post("/crm/v3/objects/:type/:id", "write", archiveOverHttp), method: "DELETE" },
  get("/crm/v3/properties/:type", "properties", listProperties),
  get("/crm/v3/properties/:type/:name", "properties", readProperty),
  get("/crm-object-schemas/v3/schemas", "schemas", listSchemas),
  get("/crm-object-schemas/v3/schemas/:type", "schemas", readSchema),
  get("/crm/v3/owners", "owners", listOwners),
  get("/crm/v3/owners/:id", "owners", readOwner),
  get("/crm/v3/pipelines/:type", "pipelines", listPipelines),
  post("/crm/v4/associations/:from/:to/batch/read", "associations", batchReadAssociations),
  get("/crm/v4/associations/:from/:to/labels", "associations", listAssociationLabels),
  get("/crm/v4/objects/:type/:id/associations/:to", "associations", readAssociations),
  get("/account-info/v3/details", "account", readAccount),
  get("/account-info/v3/api-usage/daily/private-apps", "account", readDailyUsage),
];
