import type { PropertyDefinition } from "./portal/property-definition.ts";

/** A definition as the API shows it. */
export function toPropertyBody(definition: PropertyDefinition) {
  const options = (definition.options ?? []).map((option, displayOrder) => {
    const { label, value, hidden = false } = typeof option === "string" ? { label: option, value: option } : option;
    return { label, value, displayOrder, hidden };
  });
  const { createdAtMs, archivedAtMs } = definition;
  const createdAt = createdAtMs === undefined ? undefined : toIso(createdAtMs);
  const stock = definition.hubspotDefined === true;
  const calculated = definition.fieldType.startsWith("calculation_");
  return {
    name: definition.name,
    label: definition.label,
    description: definition.description ?? "",
    groupName: definition.groupName,
    type: definition.type,
    fieldType: definition.fieldType,
    options,
    displayOrder: -1,
    calculated: definition.calculated ?? false,
    externalOptions: definition.referencedObjectType === "OWNER",
    hasUniqueValue: definition.hasUniqueValue ?? false,
    hidden: definition.hidden ?? false,
    formField: !stock,
    dataSensitivity: definition.dataSensitivity ?? "non_sensitive",
    archived: definition.archived,
    modificationMetadata: { archivable: !stock, readOnlyDefinition: stock, readOnlyValue: stock && calculated },
    // Custom properties lack this member; it is never false.
    ...(stock ? { hubspotDefined: true } : {}),
    ...(definition.referencedObjectType === undefined ? {} : { referencedObjectType: definition.referencedObjectType }),
    ...(definition.showCurrencySymbol === undefined ? {} : { showCurrencySymbol: definition.showCurrencySymbol }),
    ...(createdAt === undefined ? {} : { createdAt, updatedAt: createdAt }),
    ...(archivedAtMs === undefined ? {} : { archivedAt: toIso(archivedAtMs) }),
  };
}

/** The epoch without a fraction, as recorded. */
function toIso(timeMs: number): string {
  return timeMs === 0 ? "1970-01-01T00:00:00Z" : new Date(timeMs).toISOString();
}
