import { z } from "zod";
import { transformNames } from "./transforms.ts";

const fieldName = z.string().min(1);

const propertyEntry = z
  .strictObject({
    sourceField: fieldName.describe("Name of the source field that holds the value."),
    collectionId: z.string().min(1).optional().describe("Id of the collection that the property belongs to."),
    collectionName: z
      .string()
      .min(1)
      .optional()
      .describe("Name of that collection; looked up, so it may replace the id."),
    extractMemories: z
      .boolean()
      .default(false)
      .describe(
        "true: the text is read by AI and becomes memories that semantic recall finds. Costs credits; for free text.",
      ),
    transform: z
      .enum(transformNames)
      .optional()
      .describe("A named change to the value. Without one it is passed on as the source gave it."),
    allowAppendOnly: z
      .boolean()
      .default(false)
      .describe("true: write to a property that only ever grows, although every repeat of a row appends to it again."),
  })
  .refine((entry) => entry.collectionId !== undefined || entry.collectionName !== undefined, {
    message: "name the collection: set collectionName (or collectionId)",
  });

const condition = z.union([
  z.strictObject({ field: fieldName, equals: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
  z.strictObject({ field: fieldName, notEquals: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
  z.strictObject({ field: fieldName, in: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).min(1) }),
  z.strictObject({ field: fieldName, isSet: z.boolean() }),
]);

/** The `mapping:` section: Personize's own words, plus `transform` and `where`. */
export const mappingConfig = z.strictObject({
  entityType: z.string().min(1).describe("contact, company, or a type of your own."),
  email: fieldName.optional().describe("Source field that identifies the record by email address."),
  website: fieldName.optional().describe("Source field that identifies the record by web site."),
  recordId: fieldName.optional().describe("Source field that holds Personize's own record id."),
  customKeyName: z
    .string()
    .min(1)
    .optional()
    .describe("Name of an identifier of your own (sku, for example). Needs customKey."),
  customKey: fieldName.optional().describe("Source field that holds its value. Needs customKeyName."),
  runName: z
    .string()
    .min(1)
    .optional()
    .describe("Label that Personize shows for what was written. Default: the name of the sync."),
  properties: z
    .record(z.string().min(1), propertyEntry)
    .describe("Property of the collection → where its value comes from."),
  where: z.array(condition).default([]).describe("Only rows that meet all of these conditions are sent."),
});

export type MappingConfig = z.infer<typeof mappingConfig>;
export type PropertyConfig = MappingConfig["properties"][string];
export type WhereCondition = MappingConfig["where"][number];
