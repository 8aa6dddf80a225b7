import { isFields } from "../fields.ts";

/** A member of a JSON value by its path, such as `results.0.id`; undefined when it is not there. */
export function readPath(from: unknown, path: string): unknown {
  let value = from;
  for (const name of path.split(".")) {
    if (Array.isArray(value)) value = value[Number(name)];
    else value = isFields(value) ? value[name] : undefined;
  }
  return value;
}
