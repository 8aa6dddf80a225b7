import { describe, expect, it } from "vitest";
import { type FaultRule, Faults, isFaultOf } from "./faults.ts";

/** Which of `count` requests are hit, counted from 1. */
function hitsOf(fault: FaultRule, count: number): number[] {
  const faults = new Faults<FaultRule>(["broken"]);
  faults.add(fault);
  return Array.from({ length: count }, (_, index) => index + 1).filter(() => faults.hit("GET", "/").length > 0);
}

describe("faults", () => {
  it.each<[Partial<FaultRule>, number[]]>([
    [{}, [1]],
    [{ nth: 3 }, [3]],
    [{ times: 2 }, [1, 2]],
    [{ nth: 2, times: 2 }, [2, 3]],
    [{ times: 0 }, []],
    [{ probability: 1 }, [1, 2, 3, 4, 5]],
    [{ probability: 1, times: 2 }, [1, 2]],
    [{ probability: 0 }, []],
    [{ method: "get" }, [1]],
    [{ method: "POST" }, []],
    [{ path: "^/$" }, [1]],
    [{ path: "elsewhere" }, []],
  ])("%j hits the requests %j of five", (fault, expected) => {
    expect(hitsOf({ kind: "broken", ...fault }, 5)).toEqual(expected);
  });

  it("draw the same for the same seed, and about as often as asked", () => {
    const drawn = hitsOf({ kind: "broken", probability: 0.3, seed: 7 }, 1000);
    expect(drawn).toEqual(hitsOf({ kind: "broken", probability: 0.3, seed: 7 }, 1000));
    expect(drawn).not.toEqual(hitsOf({ kind: "broken", probability: 0.3, seed: 8 }, 1000));
    expect(drawn.length).toBeGreaterThan(250);
    expect(drawn.length).toBeLessThan(350);
  });

  it("are refused when their kind is unknown or their path no expression, and can be removed", () => {
    const faults = new Faults<FaultRule>(["broken", "slow"]);
    expect(() => faults.add({ kind: "wat" })).toThrow(new RangeError("Unknown fault kind; take one of broken, slow"));
    expect(() => faults.add({ kind: "slow", path: "(" })).toThrow(SyntaxError);
    const id = faults.add({ kind: "slow" });
    faults.add({ kind: "broken" });
    faults.remove(id);
    expect(faults.list().map(({ fault }) => fault.kind)).toEqual(["broken"]);
    faults.clear();
    expect(faults.hit("GET", "/")).toEqual([]);
  });

  it("are told apart by family", () => {
    expect(isFaultOf(["slow"])({ kind: "slow" })).toBe(true);
    expect(isFaultOf(["slow"])({ kind: "broken" })).toBe(false);
  });
});
