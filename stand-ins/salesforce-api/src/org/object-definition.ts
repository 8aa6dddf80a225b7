import type { FieldDefinition } from "./field-definition.ts";

/** What an object is and what can be done with it. */
export interface ObjectDefinition {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  readonly fields: readonly FieldDefinition[];
  readonly custom: boolean;
  readonly customSetting: boolean;
  readonly queryable: boolean;
  readonly retrieveable: boolean;
  /** Whether getUpdated and getDeleted serve it. */
  readonly replicateable: boolean;
  readonly mergeable: boolean;
  readonly undeletable: boolean;
  readonly deprecatedAndHidden: boolean;
  /** Whether Bulk API 2.0 takes queries on it. */
  readonly bulk: boolean;
  /** Deletions go past the bin. */
  readonly hardDeletes: boolean;
}

type Given = Pick<ObjectDefinition, "name" | "keyPrefix" | "fields">;

/** An object with the usual abilities, unless `given` says otherwise. */
export function defineObject(given: Given & Partial<ObjectDefinition>): ObjectDefinition {
  const label = given.name
    .replace(/__c$/, "")
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2");
  return {
    label,
    labelPlural: label.endsWith("y") ? `${label.slice(0, -1)}ies` : `${label}s`,
    custom: given.name.endsWith("__c"),
    customSetting: false,
    queryable: true,
    retrieveable: true,
    replicateable: true,
    mergeable: false,
    undeletable: true,
    deprecatedAndHidden: false,
    bulk: true,
    hardDeletes: false,
    ...given,
  };
}
