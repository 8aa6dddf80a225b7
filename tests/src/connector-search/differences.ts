import type { Json } from "@acme/sync-core";

/** How a stored record differs from the values that it should have, each in words; empty: it does not. */
export function differences(
  values: Readonly<Record<string, Json>>,
  held: Readonly<Record<string, Json>>,
): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const other = held[name] ?? null;
    // How a source shows what is not set differs from one to the next.
    const isSame = toText(other) === toText(value) || (isNothing(other) && isNothing(value));
    return isSame ? [] : [`has ${name} ${toText(other)}, not ${toText(value)}`];
  });
}

function isNothing(value: Json): boolean {
  return value === null || value === "";
}

export function toText(value: Json | undefined): string {
  return JSON.stringify(value ?? null);
}
