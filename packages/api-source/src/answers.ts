import { BugError, TransientError } from "@acme/sync-core";
import type { z } from "zod";

/**
 * An answer in the shape that it should have.
 * @param doing what was being done, as the start of a sentence: `reading contacts`.
 * @param vendor whose answer it is, by name.
 * @throws BugError which names the first three places that are wrong, and nothing of what they hold.
 */
export function parseAnswer<Schema extends z.ZodType>(
  json: unknown,
  schema: Schema,
  doing: string,
  vendor: string,
): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 3).map((issue) => issue.path.join(".") || "(top)");
  throw new BugError(`${doing}: ${vendor}'s answer has an unknown shape (${places.join(", ")})`, {
    hint: "Please report this with the version of the connector.",
  });
}

/** An answer that was cut off, or is no JSON (a proxy's page). */
export function toCutOffError(doing: string, vendor: string): TransientError {
  return new TransientError(`${doing}: ${vendor}'s answer was cut off or is no JSON`, {
    hint: "It passes by itself; a proxy on the way may be the cause if it stays.",
  });
}
