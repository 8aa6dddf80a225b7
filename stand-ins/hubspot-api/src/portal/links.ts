import { type AssociationType, toPlainType, toPrimaryType } from "./association-types.ts";
import type { ObjectType } from "./object-type.ts";
import { seededLinks } from "./seeded-links.ts";
import type { StoredRecord } from "./stored-record.ts";

/** One associated record with every type that holds. */
export interface Target {
  readonly id: number;
  readonly types: readonly AssociationType[];
}

/** Who belongs to whom: the seeded links, and what has been changed since. */
export class Links {
  /** `from type/id/to type` to target id to types; no types: taken away. */
  readonly #changes = new Map<string, Map<number, readonly AssociationType[]>>();
  /** Labels a user has defined, by `from>to`. */
  readonly #labels = new Map<string, AssociationType[]>();
  #nextLabelId = 28;

  /** Live targets, by ascending id. Empty when the record is not live. */
  targets(from: ObjectType, record: StoredRecord, to: ObjectType): readonly Target[] {
    if (record.current.state !== "live") return [];
    const found = new Map<number, readonly AssociationType[]>();
    for (const link of seededLinks(from, record, to))
      found.set(link.record.id, this.#seededTypes(from, to, link.labelled));
    for (const [id, types] of this.#changes.get(toKey(from, record.id, to)) ?? []) found.set(id, types);
    const targets: Target[] = [];
    for (const [id, types] of found) {
      if (types.length > 0 && to.records.get(id)?.current.state === "live") targets.push({ id, types });
    }
    return targets.toSorted((left, right) => left.id - right.id);
  }

  /** Adds `label` (or the plain type alone) in both directions; what held before still holds. */
  add(from: ObjectType, record: StoredRecord, to: ObjectType, target: StoredRecord, label?: string): void {
    this.#addOneWay(from, record, to, target.id, label);
    this.#addOneWay(to, target, from, record.id, label);
  }

  /** Takes the link away in both directions. */
  remove(from: ObjectType, record: StoredRecord, to: ObjectType, target: StoredRecord): void {
    this.#set(from, record.id, to, target.id, []);
    this.#set(to, target.id, from, record.id, []);
  }

  /** The types of one direction: plain, primary where it exists, then the user's in order of definition. */
  types(from: ObjectType, to: ObjectType): readonly AssociationType[] {
    const primary = toPrimaryType(from.facts.typeId, to.facts.typeId);
    return [
      ...(primary === undefined ? [] : [primary]),
      toPlainType(from.facts.typeId, to.facts.typeId),
      ...(this.#labels.get(toDirection(from, to)) ?? []),
    ];
  }

  /** A label of the user's for both directions; answers its type in the first. */
  defineLabel(from: ObjectType, to: ObjectType, label: string): AssociationType {
    const known = this.#labels.get(toDirection(from, to))?.find((type) => type.label === label);
    if (known !== undefined) return known;
    const type = this.#pushLabel(from, to, label);
    if (from !== to) this.#pushLabel(to, from, label);
    return type;
  }

  #pushLabel(from: ObjectType, to: ObjectType, label: string): AssociationType {
    const type: AssociationType = { category: "USER_DEFINED", typeId: this.#nextLabelId, label };
    this.#nextLabelId += 1;
    const direction = toDirection(from, to);
    this.#labels.set(direction, [...(this.#labels.get(direction) ?? []), type]);
    return type;
  }

  #addOneWay(
    from: ObjectType,
    record: StoredRecord,
    to: ObjectType,
    targetId: number,
    label: string | undefined,
  ): void {
    const before = this.targets(from, record, to).find((target) => target.id === targetId)?.types ?? [];
    const types = new Map(before.map((type) => [type.typeId, type]));
    const plain = toPlainType(from.facts.typeId, to.facts.typeId);
    types.set(plain.typeId, plain);
    if (label !== undefined) {
      const primary = toPrimaryType(from.facts.typeId, to.facts.typeId);
      const type = label === "Primary" && primary !== undefined ? primary : this.defineLabel(from, to, label);
      types.set(type.typeId, type);
    }
    this.#set(from, record.id, to, targetId, [...types.values()]);
  }

  #set(from: ObjectType, id: number, to: ObjectType, targetId: number, types: readonly AssociationType[]): void {
    const key = toKey(from, id, to);
    const changes = this.#changes.get(key) ?? new Map<number, readonly AssociationType[]>();
    changes.set(targetId, types);
    this.#changes.set(key, changes);
  }

  #seededTypes(from: ObjectType, to: ObjectType, labelled: boolean): readonly AssociationType[] {
    const primary = toPrimaryType(from.facts.typeId, to.facts.typeId);
    const types = [toPlainType(from.facts.typeId, to.facts.typeId)];
    if (primary !== undefined) types.unshift(primary);
    if (labelled && primary !== undefined) types.push(this.defineLabel(from, to, "Decision maker"));
    return types;
  }
}

function toDirection(from: ObjectType, to: ObjectType): string {
  return `${from.facts.typeId}>${to.facts.typeId}`;
}

function toKey(from: ObjectType, id: number, to: ObjectType): string {
  return `${from.facts.typeId}/${id}/${to.facts.typeId}`;
}
