/** Thrown by a law that does not hold; the message is the finding, in one sentence. */
export class BrokenLaw extends Error {
  override readonly name = "BrokenLaw";
}

export function hold(condition: boolean, finding: string): asserts condition {
  if (!condition) throw new BrokenLaw(finding);
}

/** @throws BrokenLaw when `work` is not over after `limitMs`. */
export async function within<T>(limitMs: number, work: Promise<T>, finding: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BrokenLaw(`${finding} (waited ${limitMs} ms)`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A few names for a finding, and how many more there are. */
export function some(names: Iterable<string>): string {
  const all = [...names];
  const shown = all.slice(0, 5).map((name) => JSON.stringify(name));
  return all.length > shown.length ? `${shown.join(", ")} and ${all.length - shown.length} more` : shown.join(", ");
}
