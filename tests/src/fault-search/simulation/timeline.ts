/** What happened in a world, line by line, for people and for comparing two runs of one seed. */
export interface Timeline {
  /** @param what is only asked for while somebody listens. */
  note(who: string, what: () => string): void;
  lines(): readonly string[];
}

/** @param sinceMs milliseconds since the world began. */
export function createTimeline(on: boolean, sinceMs: () => number): Timeline {
  const lines: string[] = [];
  return {
    note(who, what) {
      if (on) lines.push(`${toClock(sinceMs())}  ${who.padEnd(10)} ${what()}`);
    },
    lines: () => lines,
  };
}

/** 754321 → `12:34.321`. */
export function toClock(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = ((ms % 60_000) / 1000).toFixed(3);
  return `${String(minutes).padStart(3)}:${seconds.padStart(6, "0")}`;
}
