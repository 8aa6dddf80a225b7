import type { Receipt } from "@acme/sync-core";

/** How many deletions an operator is asked to allow; null: none. */
export function askedDeletes({ exitCode, hint }: Receipt): number | null {
  if (exitCode !== 2) return null;
  const asked = /--allow-deletes (\d+)/.exec(hint ?? "")?.[1];
  return asked === undefined ? null : Number(asked);
}
