import { defineField, type FieldDefinition, fieldTypes } from "./field-definition.ts";
import { parseFormula } from "./formula.ts";
import { defineObject, type ObjectDefinition } from "./object-definition.ts";
import type { CustomObjectSeed, FieldSeed } from "./org-seed.ts";
import type { SeedContext } from "./seed-context.ts";
import { Seeders } from "./seeders.ts";
import { systemFieldNames, systemFields } from "./system-fields.ts";

/** A field from its seed; one that the platform keeps changes only what can be done with it. Throws RangeError for an unknown type or a formula that cannot be read. */
export function toField(seed: FieldSeed): FieldDefinition {
  const { name, type = "string", formula, values, picklistValues, ...options } = seed;
  const kept = systemFieldNames.find((known) => known === name);
  if (kept !== undefined) return { ...systemFields[kept], ...options };
  if (!fieldTypes.includes(type))
    throw new RangeError(`Unknown field type ${type}; take one of ${fieldTypes.join(", ")}`);
  return defineField(name, type, {
    ...options,
    ...(picklistValues === undefined ? {} : { picklistValues }),
    ...(formula === undefined ? {} : { formula: parseFormula(formula) }),
    ...(values === undefined ? {} : { seed: (position) => values[position % values.length] ?? null }),
  });
}

/** So many text fields that nothing depends on. */
export function extraFields(count: number): readonly FieldDefinition[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `Extra_${String(index + 1).padStart(3, "0")}__c`;
    return defineField(name, "string", { seed: (position) => (position % 3 === 0 ? null : `${index}/${position}`) });
  });
}

/** The `position`th custom object. */
export function toCustomObject(seed: CustomObjectSeed, position: number, context: SeedContext): ObjectDefinition {
  const name = seed.name.endsWith("__c") ? seed.name : `${seed.name}__c`;
  const without = seed.withoutSystemFields ?? [];
  const fields = seed.fields?.map(toField) ?? defaultFields(new Seeders(context.seedOf(name)), context);
  const ownName = fields.some((field) => field.name === "Name")
    ? []
    : [
        defineField("Name", "string", {
          length: 80,
          nameField: true,
          nillable: false,
          seed: (row) => `${name.slice(0, -3)} ${row + 1}`,
        }),
      ];
  return defineObject({
    name,
    keyPrefix: `a${position.toString(36).padStart(2, "0")}`,
    fields: [
      ...systemFieldNames.filter((system) => !without.includes(system)).map((system) => systemFields[system]),
      ...ownName,
      ...fields,
    ],
    bulk: seed.bulk ?? true,
    replicateable: seed.replicateable ?? true,
  });
}

function defaultFields(seeders: Seeders, context: SeedContext): readonly FieldDefinition[] {
  const accounts = seeders.reference(
    (position) => context.idOf("Account", position),
    () => context.count("Account"),
    1,
  );
  return [
    defineField("Account__c", "reference", { referenceTo: ["Account"], seed: accounts }),
    defineField("Colour__c", "picklist", { picklistValues: ["Red", "Blue"], seed: seeders.pick(["Red", "Blue"], 2) }),
    defineField("Price__c", "currency", { seed: seeders.decimal(1, 90_000_000, 2, 3) }),
    defineField("Due__c", "date", { seed: seeders.day(context.untilMs, 400, 4) }),
  ];
}
