/** What the demo says must be so; a demo that says something untrue ends with a failure. */
export interface Expectations {
  /** Prints the fact with a mark, and remembers if it does not hold. */
  that(fact: string, holds: boolean): void;
  allHold(): boolean;
}

export function createExpectations(write: (line: string) => void): Expectations {
  let broken = 0;
  return {
    that(fact, holds) {
      if (!holds) broken += 1;
      write(`  ${holds ? "✓" : "✗"} ${fact}`);
    },
    allHold: () => broken === 0,
  };
}
