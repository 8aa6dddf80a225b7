/** One association type of a direction, such as "contact to primary company". */
export interface AssociationType {
  readonly category: "HUBSPOT_DEFINED" | "USER_DEFINED";
  readonly typeId: number;
  /** Null for the plain one. */
  readonly label: string | null;
}

/** Unlabelled type of a direction, and the one labelled "Primary" where there is one. Keys are type ids, `from>to`. */
const knownDirections: Readonly<Record<string, { readonly plain: number; readonly primary?: number }>> = {
  "0-1>0-2": { plain: 279, primary: 1 },
  "0-2>0-1": { plain: 280, primary: 2 },
  "0-3>0-2": { plain: 341, primary: 5 },
  "0-2>0-3": { plain: 342, primary: 6 },
  "0-1>0-3": { plain: 4 },
  "0-3>0-1": { plain: 3 },
  "0-1>0-5": { plain: 15 },
  "0-5>0-1": { plain: 16 },
  "0-1>0-46": { plain: 201 },
  "0-46>0-1": { plain: 202 },
};

const FIRST_INVENTED = 10_000;

/** The unlabelled type of a direction. */
export function toPlainType(fromTypeId: string, toTypeId: string): AssociationType {
  const known = knownDirections[`${fromTypeId}>${toTypeId}`];
  return { category: "HUBSPOT_DEFINED", typeId: known?.plain ?? inventTypeId(fromTypeId, toTypeId), label: null };
}

/** The type "Primary" of a direction; undefined where there is none. */
export function toPrimaryType(fromTypeId: string, toTypeId: string): AssociationType | undefined {
  const typeId = knownDirections[`${fromTypeId}>${toTypeId}`]?.primary;
  return typeId === undefined ? undefined : { category: "HUBSPOT_DEFINED", typeId, label: "Primary" };
}

/** A number that depends on the direction only. */
function inventTypeId(fromTypeId: string, toTypeId: string): number {
  let number = 0;
  for (const letter of `${fromTypeId}>${toTypeId}`) number = (number * 31 + letter.charCodeAt(0)) % 89_989;
  return FIRST_INVENTED + number;
}
