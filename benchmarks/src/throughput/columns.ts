/** What both sides bring across; identity first. The cursor column is read besides. */
export const identity = "email";
export const properties = [
  "first_name",
  "last_name",
  "company",
  "city",
  "country",
  "status",
  "loyalty_points",
  "lifetime_value",
  "notes",
] as const;

export const rowsPerCall = 100;

export function collectionOf(property: (typeof properties)[number]): string {
  return property === "notes" ? "Generated Content" : "Contacts Standard Schema";
}

/** What a script without any guarantee would read. */
export const bareStatement = `select id, ${identity}, ${properties.join(", ")}, updated_at from customers order by updated_at, id`;
