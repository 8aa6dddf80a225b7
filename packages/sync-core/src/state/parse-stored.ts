/** JSON that this store wrote itself, as what it was written from. */
export function parseStored<T>(text: string): T {
  return JSON.parse(text);
}
