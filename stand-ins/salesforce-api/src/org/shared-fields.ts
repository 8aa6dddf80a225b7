import { defineField as field, type FieldDefinition, type FieldOptions } from "./field-definition.ts";
import { parseFormula } from "./formula.ts";
import type { SeedContext } from "./seed-context.ts";
import { pools, type Seeders } from "./seeders.ts";
import { type SystemFieldName, systemFieldNames, systemFields } from "./system-fields.ts";

/** The fields that the platform keeps, without those named. */
export function system(...without: readonly SystemFieldName[]): readonly FieldDefinition[] {
  return systemFieldNames.filter((name) => !without.includes(name)).map((name) => systemFields[name]);
}

/** Street, city and so on under a prefix, and the address that they make up. */
export function address(prefix: string, seeders: Seeders, salt: number): readonly FieldDefinition[] {
  const compound = `${prefix}Address`;
  const part = (name: string, options: FieldOptions) =>
    field(`${prefix}${name}`, "string", { compoundFieldName: compound, ...options });
  return [
    field(`${prefix}Street`, "textarea", {
      compoundFieldName: compound,
      seed: seeders.sometimes(seeders.pick(pools.streets, salt), salt),
    }),
    part("City", { length: 40, seed: seeders.pick(pools.cities, salt + 1) }),
    part("State", { length: 80 }),
    part("PostalCode", { length: 20, seed: (position) => `0${1000 + (seeders.number(position, salt + 2) % 9000)}` }),
    part("Country", { length: 80, seed: seeders.pick(pools.countries, salt + 3) }),
    field(`${prefix}Latitude`, "double", { compoundFieldName: compound, precision: 18, scale: 15 }),
    field(`${prefix}Longitude`, "double", { compoundFieldName: compound, precision: 18, scale: 15 }),
    field(compound, "address", {
      parts: {
        city: `${prefix}City`,
        country: `${prefix}Country`,
        latitude: `${prefix}Latitude`,
        longitude: `${prefix}Longitude`,
        postalCode: `${prefix}PostalCode`,
        state: `${prefix}State`,
        street: `${prefix}Street`,
      },
    }),
  ];
}

/** Salutation, first and last name; `Name` is both together. */
export function personName(seeders: Seeders): readonly FieldDefinition[] {
  return [
    field("LastName", "string", {
      length: 80,
      nillable: false,
      compoundFieldName: "Name",
      seed: seeders.pick(pools.lastNames, 1),
    }),
    field("FirstName", "string", { length: 40, compoundFieldName: "Name", seed: seeders.pick(pools.firstNames, 2) }),
    field("Salutation", "picklist", { compoundFieldName: "Name", picklistValues: ["Mr.", "Ms.", "Dr."] }),
    field("Name", "string", {
      length: 121,
      nameField: true,
      nillable: false,
      compoundFieldName: "Name",
      formula: parseFormula('FirstName & " " & LastName'),
    }),
  ];
}

/** An address for each row, its own domain for each object. */
export function email(domain: string): FieldDefinition {
  return field("Email", "email", { seed: (position) => `person.${position + 1}@${domain}` });
}

/** Whose the row is. */
export function owner(
  context: SeedContext,
  seeders: Seeders,
  referenceTo: readonly string[] = ["User"],
): FieldDefinition {
  const seed = seeders.reference(
    (position) => context.idOf("User", position),
    () => context.count("User"),
    3,
  );
  return field("OwnerId", "reference", { label: "Owner ID", referenceTo, nillable: false, seed });
}

/** A lookup that is empty for some rows. */
export function lookup(
  context: SeedContext,
  seeders: Seeders,
  name: string,
  object: string,
  salt: number,
): FieldDefinition {
  const seed = seeders.reference(
    (position) => context.idOf(object, position),
    () => context.count(object),
    salt,
  );
  return field(name, "reference", { referenceTo: [object], seed: seeders.sometimes(seed, salt) });
}

/** Long free text. */
export function description(seeders: Seeders): FieldDefinition {
  return field("Description", "textarea", { length: 32_000, seed: seeders.sometimes(seeders.prose(90), 90) });
}
