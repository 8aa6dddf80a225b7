/** Where a value stands in a configuration: `["syncs", "customers", "source", "url"]`. */
export type ConfigPath = readonly (string | number)[];

/** What may be repeated to a reader: names, not something that was pasted in the wrong place. */
const PLAIN_NAME = /^[A-Za-z_][\w.-]{0,63}$/;
/** A credential's usual shape: recognised even where a key of the file should stand. */
const CREDENTIAL_SHAPE = /^(sk|pk|pz|gm|ghp|xox[a-z]|pat|whsec)[-_]/i;

/** `syncs.customers.source.url`. Keys that are no plain names are shortened, since they may be a misplaced value. */
export function formatPath(path: ConfigPath): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${safeName(part)}`))
    .join("");
}

/** A key of the file as it may be shown: `…` where it may be a misplaced value. */
export function safeName(name: string): string {
  return PLAIN_NAME.test(name) && !CREDENTIAL_SHAPE.test(name) ? name : "…";
}

export function startsWith(path: ConfigPath, start: ConfigPath): boolean {
  return start.length <= path.length && start.every((part, index) => part === path[index]);
}

export function samePath(left: ConfigPath, right: readonly PropertyKey[]): boolean {
  return left.length === right.length && left.every((part, index) => part === right[index]);
}

/** The value at a path; undefined where there is none. */
export function valueAt(root: unknown, path: ConfigPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
