import type { Field } from "../contracts/source.ts";

/** By its name only: whether a text is prose cannot be told from its type. */
export function looksLikeFreeText(field: Pick<Field, "name" | "type">): boolean {
  return (
    field.type === "text" &&
    /(^|_)(notes?|comments?|description|summary|bio|body|transcript|message|feedback|remarks?)$/i.test(field.name)
  );
}
