/** The scheme of a state that is kept behind a URL (`postgres`), in lower case; null: it is a file. Pure. */
export function stateScheme(state: string): string | null {
  return /^([a-z][a-z0-9+.-]+):\/\//i.exec(state)?.[1]?.toLowerCase() ?? null;
}
