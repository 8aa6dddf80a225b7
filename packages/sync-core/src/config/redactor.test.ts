import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "./redactor.ts";

describe("createRedactor", () => {
  it("takes out what it was told, in every form, longest first", () => {
    const redactor = createRedactor([]);
    redactor.add(["p@ss/word-1", "p@ss/word-1-longer"]);
    expect(redactor.redact("p@ss/word-1-longer p@ss/word-1 p%40ss%2Fword-1")).toBe("*** *** ***");
  });

  it("leaves words of the program alone, and parts of words", () => {
    const redactor = createRedactor(["connector-postgres"]);
    redactor.add(["postgres", "test", "abc"]);
    expect(redactor.redact("connector-postgres: the latest test, abc")).toBe("connector-postgres: the latest ***, abc");
  });

  it("knows the look of credentials without being told", () => {
    const text = createRedactor([]).redact("sk_live_abc123 and postgres://app:p@ss@h/db and https://h/x@y");
    expect(text).toBe("sk_live_*** and postgres://app:***@h/db and https://h/x@y");
  });

  it("leaves no secret of 8 characters or more in any text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 8, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.string(), { maxLength: 5 }),
        (secrets, noise) => {
          const redactor = createRedactor(["connector-postgres"]);
          redactor.add(secrets);
          const text = redactor.redact([...noise, ...secrets, ...noise].join("-"));
          // What is put in its place is made of asterisks, and may itself look like a secret made of nothing else.
          for (const secret of secrets) if (!/^[*-]+$/.test(secret)) expect(text).not.toContain(secret);
        },
      ),
    );
  });
});
