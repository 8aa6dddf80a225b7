import { expect, test } from "vitest";
import { toLiveClaim } from "./claim.ts";

const now = 1_000_000;

test.each([
  { what: "free", claim: { holder: null, until: null, ttl: null }, live: null },
  { what: "alive", claim: { holder: "a", until: now + 1, ttl: 100 }, live: { holder: "a", untilMs: now + 1 } },
  { what: "expired at this very moment", claim: { holder: "a", until: now, ttl: 100 }, live: null },
  {
    what: "the clock went back a little",
    claim: { holder: "a", until: now + 200, ttl: 100 },
    live: { holder: "a", untilMs: now + 200 },
  },
  { what: "the clock went back a lot", claim: { holder: "a", until: now + 201, ttl: 100 }, live: null },
])("$what", ({ claim, live }) => {
  expect(toLiveClaim(claim, now)).toEqual(live);
});
