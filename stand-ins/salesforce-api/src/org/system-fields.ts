import { defineField, type FieldDefinition, type Value } from "./field-definition.ts";
import type { Table } from "./table.ts";
import type { Version } from "./version.ts";

/** Reads a field that the platform keeps. */
export type SystemReader = (table: Table, position: number, version: Version | undefined) => Value;

const user = { referenceTo: ["User"], nillable: false };

/** The fields that the platform keeps for every object that has them. */
export const systemFields = {
  Id: defineField("Id", "id", { label: "Record ID", system: (table, position) => table.idOf(position) }),
  IsDeleted: defineField("IsDeleted", "boolean", {
    label: "Deleted",
    system: (table, position, version) => table.deletedMs(position, version) !== undefined,
  }),
  CreatedDate: defineField("CreatedDate", "datetime", {
    nillable: false,
    system: (table, position, version) => version?.createdMs ?? table.seedCreatedMs(position),
  }),
  CreatedById: defineField("CreatedById", "reference", {
    ...user,
    system: (table, position, version) => version?.createdById ?? table.seedUserId(position, 1),
  }),
  LastModifiedDate: defineField("LastModifiedDate", "datetime", {
    nillable: false,
    system: (table, position, version) => version?.modifiedMs ?? table.seedModifiedMs(position),
  }),
  LastModifiedById: defineField("LastModifiedById", "reference", {
    ...user,
    system: (table, position, version) => version?.modifiedById ?? table.seedUserId(position, 2),
  }),
  SystemModstamp: defineField("SystemModstamp", "datetime", {
    nillable: false,
    system: (table, position, version) => version?.stampMs ?? table.seedStampMs(position),
  }),
} satisfies Record<string, FieldDefinition>;

export type SystemFieldName = keyof typeof systemFields;

export const systemFieldNames: readonly SystemFieldName[] = [
  "Id",
  "IsDeleted",
  "CreatedDate",
  "CreatedById",
  "LastModifiedDate",
  "LastModifiedById",
  "SystemModstamp",
];

/** Of an object with `mergeable`: the winner of the merge that this row lost. */
export function masterRecordField(object: string): FieldDefinition {
  return defineField("MasterRecordId", "reference", {
    referenceTo: [object],
    system: (_table, _position, version) => version?.masterId ?? null,
  });
}
