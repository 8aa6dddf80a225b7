import type * as Sqlite from "node:sqlite";

/**
 * Node's own SQLite. Node 22 announces the module as experimental the moment it is loaded; that one announcement is left
 * out, every other warning passes: loading is synchronous, so nothing else can run while the filter is in place.
 */
export function loadSqlite(): typeof Sqlite {
  const before = Object.getOwnPropertyDescriptor(process, "emitWarning");
  const emitWarning = process.emitWarning.bind(process);
  const filtered = (warning: string | Error, ...rest: unknown[]): void => {
    if (rest[0] === "ExperimentalWarning" && String(warning).startsWith("SQLite is an experimental feature")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    Object.defineProperty(process, "emitWarning", { ...before, value: filtered });
    return process.getBuiltinModule("node:sqlite");
  } finally {
    if (before !== undefined) Object.defineProperty(process, "emitWarning", before);
  }
}
