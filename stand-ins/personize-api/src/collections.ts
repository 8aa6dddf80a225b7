import { type Collection, type CollectionSeed, type PropertyDefinition, toCollection } from "./collection.ts";

export interface CollectionChange {
  readonly timeMs: number;
  readonly action: "created" | "updated" | "deleted";
  readonly collectionName: string;
}

/** The collections of one organization, listed by name. */
export class Collections {
  readonly #organizationId: string;
  #byId = new Map<string, Collection>();
  #byName = new Map<string, Collection>();
  #changes = new Map<string, CollectionChange[]>();

  constructor(organizationId: string) {
    this.#organizationId = organizationId;
  }

  list(): readonly Collection[] {
    return [...this.#byId.values()].toSorted((left, right) => compareText(left.collectionName, right.collectionName));
  }

  byId(collectionId: string): Collection | undefined {
    return this.#byId.get(collectionId);
  }

  byName(collectionName: string): Collection | undefined {
    return this.#byName.get(collectionName);
  }

  /** By collection id, else by action id, else by slug: what an id in a path may be. */
  byAnyId(id: string): Collection | undefined {
    return this.#byId.get(id) ?? this.list().find((collection) => collection.actionId === id || collection.slug === id);
  }

  changes(collectionId: string): readonly CollectionChange[] {
    return this.#changes.get(collectionId) ?? [];
  }

  /** Adds the collection, or replaces the one with the same id. */
  put(seed: CollectionSeed, timeMs: number): Collection {
    const collection = toCollection(this.#organizationId, seed);
    const former = this.#byId.get(collection.collectionId);
    if (former !== undefined) this.#byName.delete(former.collectionName);
    this.#byId.set(collection.collectionId, collection);
    this.#byName.set(collection.collectionName, collection);
    this.#note(collection, former === undefined ? "created" : "updated", timeMs);
    return collection;
  }

  delete(collection: Collection, timeMs: number): void {
    this.#byId.delete(collection.collectionId);
    this.#byName.delete(collection.collectionName);
    this.#note(collection, "deleted", timeMs);
  }

  /** The first collection, by name, that has `property`: of the entity type if there is one, else of any. */
  findProperty(
    typeKey: string,
    property: string,
  ): { collection: Collection; property: PropertyDefinition } | undefined {
    const holders = this.list().filter((collection) => collection.propertiesByName.has(property));
    const collection = holders.find((holder) => holder.entityType.toLowerCase() === typeKey) ?? holders[0];
    const definition = collection?.propertiesByName.get(property);
    return collection === undefined || definition === undefined ? undefined : { collection, property: definition };
  }

  #note(collection: Collection, action: CollectionChange["action"], timeMs: number): void {
    const changes = this.#changes.get(collection.collectionId) ?? [];
    changes.push({ timeMs, action, collectionName: collection.collectionName });
    this.#changes.set(collection.collectionId, changes);
  }
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
