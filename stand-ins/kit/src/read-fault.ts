import { type Fields, flagField, objectField, textField } from "./fields.ts";
import { pickNumbers, pickTexts } from "./pick-fields.ts";

/** What any fault may say, from JSON. Throws RangeError for a kind that is not among `kinds`. */
export function readFault<Kind extends string>(body: Fields, kinds: readonly Kind[]) {
  const kind = kinds.find((known) => known === body["kind"]);
  if (kind === undefined) throw new RangeError(`Unknown fault kind ${String(body["kind"])}`);
  const headers = objectField(body, "headers");
  return {
    kind,
    ...pickTexts(body, ["method", "path"]),
    ...pickNumbers(body, ["nth", "times", "probability", "seed", "delayMs", "status", "retryAfterSeconds"]),
    applied: flagField(body, "applied"),
    ...("body" in body ? { body: body["body"] } : {}),
    ...(headers === undefined ? {} : { headers: toTexts(headers) }),
  };
}

function toTexts(fields: Fields): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(fields)) texts[name] = textField(fields, name) ?? "";
  return texts;
}
