import type { Collections } from "./collections.ts";
import { defaultType, type Identifiers } from "./identity.ts";
import type { Knobs } from "./knobs.ts";
import { toTarget } from "./target.ts";
import { type Target, toWritePlan, type WritePart } from "./write-plan.ts";

/** One value of an item, with where it belongs. */
export interface ItemValue {
  readonly name: string;
  readonly value: unknown;
  readonly collectionId: string | undefined;
  readonly collectionName: string | undefined;
  readonly extract: boolean;
}

/** A record-shaped write: the `records[]` shorthand, a single save, or an upsert of any generation. */
export interface Item {
  readonly type: string | undefined;
  readonly identifiers: Identifiers;
  /** Free-form content, extracted as a whole. */
  readonly content: string | undefined;
  readonly contentCollectionId: string | undefined;
  readonly values: readonly ItemValue[];
}

export interface ItemCharges {
  readonly creditsPerRow: number;
  readonly chargeAlways: boolean;
}

/** A part of one row whose plan is made for this item alone. */
export function toItemPart(
  collections: Collections,
  knobs: Knobs,
  item: Item,
  index: number,
  charges: ItemCharges,
): WritePart {
  const { identifiers } = item;
  const type = item.type ?? defaultType(identifiers);
  const typeKey = type.trim().toLowerCase();
  const row: Record<string, unknown> = {};
  const identifier = (name: string, value: string | undefined): string | undefined => {
    if (value === undefined) return undefined;
    row[name] = value;
    return name;
  };
  const recordIdField = identifier("@recordId", identifiers.recordId);
  const emailField = identifier("@email", identifiers.email);
  const websiteField = identifier("@websiteUrl", identifiers.websiteUrl);
  const customKeyField = identifier("@customKeyValue", identifiers.customKeyValue);

  const targets: Target[] = [];
  for (const { name, value, collectionId, collectionName, extract } of item.values) {
    const target = toTarget(collections, knobs, typeKey, {
      field: name,
      property: name,
      collectionId,
      collectionName,
      extract,
    });
    if (target === undefined) continue;
    row[name] = value;
    targets.push(target);
  }
  if (item.content !== undefined) {
    row["content"] = item.content;
    targets.push({
      field: "content",
      property: undefined,
      collectionId: item.contentCollectionId ?? "",
      appendOnly: false,
      extract: true,
    });
  }
  const plan = toWritePlan({
    type,
    typeKey,
    recordIdField,
    emailField,
    websiteField,
    customKeyName: identifiers.customKeyName,
    customKeyField,
    targets,
    ...charges,
  });
  return { plan, rows: [row], firstIndex: index };
}
