import type { JsonObject } from "../contracts/json.ts";
import type { IdentityKind } from "../contracts/mapping.ts";

/** One sync as `init` proposes it. Everything has its reason, which becomes the comment beside the line. */
export interface Proposal {
  /** Name of the sync. */
  readonly name: string;
  readonly connector: string;
  /** The `source:` section, secrets as `${NAME}`. */
  readonly source: readonly ProposedOption[];
  /** Remarks about what is not among the options, each a line. */
  readonly sourceRemarks: readonly string[];
  readonly entityType: Reasoned<string>;
  readonly identity: ProposedIdentity;
  readonly properties: readonly ProposedProperty[];
  /** Remarks about what is not in the mapping, each a line. */
  readonly leftOut: readonly string[];
}

export interface Reasoned<Value> {
  readonly value: Value;
  /** null: needs none. */
  readonly reason: string | null;
}

export interface ProposedOption extends Reasoned<JsonObject[string]> {
  readonly option: string;
}

export interface ProposedIdentity {
  readonly kind: IdentityKind;
  /** Name of the custom key; null for the other kinds. */
  readonly keyName: string | null;
  readonly sourceField: string;
  readonly reason: string;
}

export interface ProposedProperty {
  readonly property: string;
  readonly sourceField: string;
  readonly collection: CollectionReference;
  readonly extractMemories: boolean;
  readonly reason: string;
}

/** How a mapping names a collection: by its name, unless two share it. */
export type CollectionReference = { readonly collectionName: string } | { readonly collectionId: string };
