import type { JsonObject } from "./json.ts";

/** What `init` begins a configuration with: data only, checked against the real source and organisation before it is written. */
export interface Starter {
  /**
   * The `source:` section as a file would have it. Secrets as `${NAME}` only: where every variable is set, `init` connects.
   * `${NAME:-default}` for an option that is not always needed.
   */
  readonly source: JsonObject;
  /** The option of `source` that names what to read (`table`, `object`), and a value for a template that nobody could fill in. */
  readonly stream: { readonly option: string; readonly example: string };
  /** The option that takes the key columns; null: the source knows its keys. */
  readonly keyOption: string | null;
  /** The option that takes the cursor field; null: the source finds it. */
  readonly cursorOption: string | null;
  /** Streams whose mapping is known beforehand. Without `--stream`, `init` writes one sync for each that can be read. */
  readonly mappings: readonly ReadyMapping[];
}

/** The mapping of a stream that looks the same for every customer. What an organisation or a source lacks is left out of it. */
export interface ReadyMapping {
  /** Name of the stream, as `Source.streams` gives it. */
  readonly stream: string;
  readonly entityType: string;
  readonly identity: ReadyIdentity;
  /** Collection to prefer where several have the property; also what is written where the organisation could not be asked. */
  readonly collectionName: string;
  readonly properties: readonly ReadyProperty[];
}

export interface ReadyIdentity {
  readonly kind: "email" | "website" | "customKey";
  /** Name of the custom key; null for the other kinds. */
  readonly keyName: string | null;
  readonly sourceField: string;
  /** Why, in a few words: the comment beside the line. */
  readonly reason: string;
}

export interface ReadyProperty {
  /** Name of the property; upper and lower case and underscores do not count when it is looked up. */
  readonly property: string;
  readonly sourceField: string;
  /** true: free text that AI reads. */
  readonly extractMemories?: boolean;
  /** Collection to prefer for this property; default: the mapping's. */
  readonly collectionName?: string;
  readonly reason: string;
}

/** A property that takes a field as it is. */
export function sameThing(property: string, sourceField: string, reason = "the same in both"): ReadyProperty {
  return { property, sourceField, reason };
}

/**
 * A property that takes a field of free text, for AI to read.
 * @param reason what the text is; that reading it costs credits is added.
 * @param collectionName collection to prefer; default: the mapping's.
 */
export function freeText(
  property: string,
  sourceField: string,
  reason: string,
  collectionName?: string,
): ReadyProperty {
  return {
    property,
    sourceField,
    extractMemories: true,
    ...(collectionName === undefined ? {} : { collectionName }),
    reason: `${reason}; AI reads it, which costs credits`,
  };
}
