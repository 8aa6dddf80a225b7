import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interpolate } from "../config/interpolate.ts";
import { parseConfigText } from "../config/parse-config-text.ts";
import { syncConfig } from "../config/sync-config.ts";
import type { Proposal } from "./proposal.ts";
import { toConfigText } from "./to-config-text.ts";

function write(sync: Partial<Proposal>): string {
  return toConfigText({
    heading: ["Written for a test."],
    personize: { secretKey: "${KEY}" },
    syncs: [
      {
        name: "customers",
        connector: "sql",
        source: [{ option: "url", value: "${URL}", reason: null }],
        sourceRemarks: [],
        entityType: { value: "contact", reason: "people" },
        identity: { kind: "email", keyName: null, sourceField: "email", reason: "each has one" },
        properties: [],
        leftOut: [],
        ...sync,
      },
    ],
  });
}

/** As the loader reads it: `${NAME}` replaced by the name in capitals. */
function read(text: string): unknown {
  const parsed = parseConfigText(text);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return interpolate(parsed.value, { KEY: "the key", URL: "the url" }).value;
}

describe("a proposal as a file", () => {
  it("has the reason beside every line", () => {
    const text = write({
      source: [
        { option: "url", value: "${URL}", reason: null },
        { option: "key", value: ["a", "b"], reason: "two\ncolumns" },
      ],
      sourceRemarks: ["no cursor: nothing moves"],
      properties: [
        {
          property: "notes",
          sourceField: "note",
          collection: { collectionName: "Texts" },
          extractMemories: true,
          reason: "free text",
        },
      ],
      leftOut: ["ids: id"],
    });
    expect(text).toBe(`# Written for a test.

personize:
  secretKey: \${KEY}
syncs:
  customers:
    connector: sql
    source:
      url: \${URL}
      key: [ a, b ] # two columns
      # no cursor: nothing moves
    mapping:
      entityType: contact # people
      email: email # each has one
      properties:
        notes: { sourceField: note, collectionName: Texts, extractMemories: true } # free text
        # Not mapped:
        # - ids: id
`);
  });

  it("is read back as it was meant, whatever the names hold", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text !== "__proto__");
    fc.assert(
      fc.property(name, name, name, name, (property, sourceField, collectionName, reason) => {
        const text = write({
          identity: { kind: "customKey", keyName: collectionName, sourceField, reason },
          properties: [{ property, sourceField, collection: { collectionName }, extractMemories: false, reason }],
          leftOut: [reason],
        });
        expect(read(text)).toEqual({
          personize: { secretKey: "the key" },
          syncs: {
            customers: {
              connector: "sql",
              source: { url: "the url" },
              mapping: {
                entityType: "contact",
                customKeyName: collectionName,
                customKey: sourceField,
                properties: { [property]: { sourceField, collectionName } },
              },
            },
          },
        });
      }),
      {
        examples: [
          ["a: b", "${KEY}", "# x", "}\n- y"],
          ["yes", "null", "1e3", "'"],
        ],
      },
    );
  });

  it("has the form that the loader wants", () => {
    const property = { property: "city", sourceField: "city", extractMemories: false, reason: "the same" };
    const text = write({ properties: [{ ...property, collection: { collectionId: "col_1" } }] });
    expect(syncConfig.safeParse(read(text)).error).toBeUndefined();
  });
});
