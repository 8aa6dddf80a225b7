import type { Call } from "../call.ts";
import { readableTable } from "../call.ts";
import type { FieldDefinition, FieldType } from "../org/field-definition.ts";
import type { ObjectDefinition } from "../org/object-definition.ts";
import type { Org } from "../org/org.ts";
import type { Table } from "../org/table.ts";
import { type Reply, toEmptyReply, toReply } from "../reply.ts";
import { visibleFields } from "../soql/plan.ts";

/** GET /sobjects. */
export function describeGlobal(call: Call): Reply {
  const seen = [...call.org.tables()].filter(({ name }) => call.user.canReadObject(name));
  call.rows = seen.length;
  return toReply({
    encoding: "UTF-8",
    maxBatchSize: 200,
    sobjects: seen.map(({ definition }) => toObject(definition, call.version)),
  });
}

/** GET /sobjects/{object}/describe. Fields that the user may not read are absent. */
export function describeObject(call: Call): Reply {
  const table = readableTable(call);
  const since = Date.parse(call.headers["if-modified-since"] ?? "");
  const changedMs = call.world.describedAtMs(table.name);
  const lastModified = { "Last-Modified": new Date(changedMs).toUTCString() };
  if (since >= Math.floor(changedMs / 1000) * 1000) return toEmptyReply(304, lastModified);
  const fields = visibleFields(table, call.user);
  call.rows = fields.length;
  const reply = toReply({
    ...toObject(table.definition, call.version),
    actionOverrides: [],
    childRelationships: toChildren(call.org, call, table),
    compactLayoutable: true,
    fields: fields.map(toField),
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: [
      {
        active: true,
        available: true,
        defaultRecordTypeMapping: true,
        master: true,
        name: "Master",
        recordTypeId: "012000000000000AAA",
      },
    ],
    searchLayoutable: true,
    sobjectDescribeOption: "FULL",
    supportedScopes: [{ label: "All", name: "everything" }],
  });
  return { ...reply, headers: lastModified };
}

/** GET /sobjects/{object}. */
export function readObjectInfo(call: Call): Reply {
  const table = readableTable(call);
  call.rows = 1;
  return toReply({ objectDescribe: toObject(table.definition, call.version), recentItems: [] });
}

function toObject(definition: ObjectDefinition, version: string): object {
  const base = `/services/data/v${version}/sobjects/${definition.name}`;
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: definition.queryable,
    custom: definition.custom,
    customSetting: definition.customSetting,
    deepCloneable: false,
    deletable: definition.queryable,
    deprecatedAndHidden: definition.deprecatedAndHidden,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: definition.keyPrefix,
    label: definition.label,
    labelPlural: definition.labelPlural,
    layoutable: definition.queryable,
    mergeable: definition.mergeable,
    mruEnabled: false,
    name: definition.name,
    queryable: definition.queryable,
    replicateable: definition.replicateable,
    retrieveable: definition.retrieveable,
    searchable: definition.queryable,
    triggerable: definition.queryable,
    undeletable: definition.undeletable,
    updateable: definition.queryable,
    urls: { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` },
  };
}

const soapTypes: Partial<Record<FieldType, string>> = {
  id: "tns:ID",
  reference: "tns:ID",
  boolean: "xsd:boolean",
  int: "xsd:int",
  double: "xsd:double",
  currency: "xsd:double",
  percent: "xsd:double",
  date: "xsd:date",
  datetime: "xsd:dateTime",
  time: "xsd:time",
  base64: "xsd:base64Binary",
  address: "urn:address",
  location: "urn:location",
};
const INT_DIGITS = 9;
const BYTES_PER_CHARACTER = 3;

function toField(field: FieldDefinition): object {
  const calculated = field.formula !== undefined;
  const writable = !calculated && field.system === undefined && field.parts === undefined && !field.autoNumber;
  return {
    aggregatable: field.sortable,
    aiPredictionField: false,
    autoNumber: field.autoNumber,
    byteLength: field.length * (field.type === "id" || field.type === "reference" ? 1 : BYTES_PER_CHARACTER),
    calculated: calculated && field.custom,
    calculatedFormula: calculated && field.custom ? field.formula?.text : null,
    cascadeDelete: false,
    caseSensitive: false,
    compoundFieldName: field.compoundFieldName,
    controllerName: null,
    createable: writable,
    custom: field.custom,
    defaultValue: field.type === "boolean" ? false : null,
    defaultValueFormula: null,
    defaultedOnCreate: field.type === "boolean",
    dependentPicklist: false,
    deprecatedAndHidden: field.deprecatedAndHidden,
    digits: field.type === "int" ? INT_DIGITS : 0,
    displayLocationInDecimal: false,
    encrypted: field.type === "encryptedstring",
    externalId: false,
    extraTypeInfo: field.richText ? "richtextarea" : field.type === "textarea" ? "plaintextarea" : null,
    filterable: field.filterable,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: field.sortable && field.type !== "datetime" && field.type !== "double",
    highScaleNumber: false,
    htmlFormatted: field.richText,
    idLookup: field.type === "id" || field.type === "email",
    inlineHelpText: null,
    label: field.label,
    length: field.length,
    mask: null,
    maskType: null,
    name: field.name,
    nameField: field.nameField,
    namePointing: field.referenceTo.length > 1,
    nillable: field.nillable,
    permissionable: field.nillable,
    picklistValues: field.picklistValues.map(({ value, active }) => ({
      active,
      defaultValue: false,
      label: value,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: field.referenceTo.length > 1,
    precision: field.precision,
    queryByDistance: false,
    referenceTargetField: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: null,
    restrictedDelete: false,
    restrictedPicklist: false,
    scale: field.scale,
    searchPrefilterable: false,
    soapType: soapTypes[field.type] ?? "xsd:string",
    sortable: field.sortable,
    type: field.type,
    unique: field.unique,
    updateable: writable,
    writeRequiresMasterRead: false,
  };
}

/** Lookups of other objects that point here. */
function toChildren(org: Org, call: Call, parent: Table): readonly object[] {
  const children: object[] = [];
  for (const table of org.tables()) {
    if (!call.user.canReadObject(table.name)) continue;
    for (const field of table.fields()) {
      if (!field.referenceTo.includes(parent.name)) continue;
      children.push({
        cascadeDelete: false,
        childSObject: table.name,
        deprecatedAndHidden: false,
        field: field.name,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName: toChildrenName(table, field),
        restrictedDelete: false,
      });
    }
  }
  return children;
}

/** Null for the lookups that every object has, as to its creator. */
export function toChildrenName(table: Table, field: FieldDefinition): string | null {
  if (field.system !== undefined || field.name === "OwnerId") return null;
  return table.definition.custom
    ? table.definition.labelPlural.replaceAll(" ", "_").concat("__r")
    : table.definition.labelPlural.replaceAll(" ", "");
}
