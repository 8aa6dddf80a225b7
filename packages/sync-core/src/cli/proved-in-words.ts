import type { ProvedInterval } from "../contracts/source.ts";
import { printable } from "./text-width.ts";

/** What a source has proved complete, as a sentence part. Pure. */
export function provedInWords(proved: ProvedInterval | null): string {
  if (proved === null) return "nothing is proved complete yet";
  if (proved.field === null || proved.through === null) return "the whole stream was read";
  const field = printable(proved.field);
  const end = `${printable(proved.through)}${proved.throughExclusive === true ? " (exclusive)" : ""}`;
  const start = proved.after === null ? "everything" : `everything after ${printable(proved.after)}`;
  return `${start} up to ${end}, by ${field}`;
}
