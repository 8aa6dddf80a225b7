import type { Batch, BatchRow } from "../../../packages/sync-core/src/contracts/line.ts";
import type { Json } from "../../../packages/sync-core/src/contracts/json.ts";
import type { Mapping } from "../../../packages/sync-core/src/contracts/mapping.ts";
import { type BatchRequest, toBatchRequest } from "../../../packages/sync-core/src/personize/requests.ts";

interface Person extends Readonly<Record<string, Json>> {
  readonly email: string;
}

/** What production sends for these rows of people, each with an email, by its own request builder. */
export function batchOfPeople(collections: ReadonlyMap<string, string>, rows: readonly Person[]): BatchRequest {
  const property = (name: string, collectionName: string, extract: boolean) => ({
    name,
    field: name,
    collectionName,
    collectionId: collections.get(collectionName) ?? "missing",
    extract,
  });
  const structured = ["first_name", "loyalty_points", "preferences"].map((name) =>
    property(name, "Contacts Standard Schema", false),
  );
  const extracting = [property("notes", "Generated Content", true)];
  const mapping: Mapping = {
    entityType: "contact",
    runName: "contract",
    identity: { kind: "email", keyName: null, sourceField: "email" },
    secondaryKey: { kind: "customKey", keyName: "crm_id", sourceField: "id" },
    structured,
    extracting,
    values: new Map(),
    where: [],
    sourceFields: [],
  };
  const batch: Batch = {
    id: "1.0.0-contract",
    page: 0,
    recordKind: { entityType: "contact", kind: "email", keyName: null },
    properties: [...structured, ...extracting],
    rows: rows.map(toRow),
    bytes: 0,
    units: rows.length,
  };
  return toBatchRequest(batch, mapping, { source: "contract", chunkSize: 5 });
}

function toRow(values: Person): BatchRow {
  const { email } = values;
  return {
    key: email,
    record: email,
    values,
    digest: new Uint8Array(16),
    isNew: true,
    aiCharacters: 0,
    superseded: [],
  };
}
