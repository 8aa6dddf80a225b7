import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { IdentityKind } from "../contracts/mapping.ts";
import { sketchMapping } from "./__fixtures__/mapping.ts";
import { recallRecord, recordKindOf, rememberRecord } from "./remembered-record.ts";

it("a record is recalled as it was remembered, whatever its mapping has become", () => {
  const kinds = fc.constantFrom<IdentityKind>("email", "website", "recordId", "customKey");
  fc.assert(
    fc.property(kinds, fc.option(fc.string()), fc.string({ unit: "binary" }), (kind, keyName, value) => {
      const mapping = { ...sketchMapping({ identity: { kind, keyName, sourceField: "f" } }), entityType: "Contact" };
      expect(recallRecord(rememberRecord(recordKindOf(mapping), value))).toEqual({
        entityType: "contact",
        kind,
        keyName,
        value,
      });
    }),
  );
});
