import { defineField as field } from "./field-definition.ts";
import { defineObject, type ObjectDefinition } from "./object-definition.ts";
import type { SeedContext } from "./seed-context.ts";
import { pools, Seeders } from "./seeders.ts";
import { system } from "./shared-fields.ts";

/** Objects that lack something others have: a stamp, a bin, Bulk API support, plain values. */
export function oddObjects(context: SeedContext): readonly ObjectDefinition[] {
  const campaignMembers = new Seeders(context.seedOf("CampaignMember"));
  const history = new Seeders(context.seedOf("AccountHistory"));
  const reference = (seeders: Seeders, object: string, salt: number) =>
    seeders.reference(
      (position) => context.idOf(object, position),
      () => context.count(object),
      salt,
    );
  return [
    defineObject({
      name: "CampaignMember",
      keyPrefix: "00v",
      hardDeletes: true,
      undeletable: false,
      fields: [
        ...system(),
        field("ContactId", "reference", { referenceTo: ["Contact"], seed: reference(campaignMembers, "Contact", 1) }),
        field("Status", "picklist", {
          picklistValues: ["Sent", "Responded"],
          seed: campaignMembers.pick(["Sent", "Responded"], 2),
        }),
      ],
    }),
    defineObject({
      name: "AccountHistory",
      keyPrefix: "017",
      replicateable: false,
      undeletable: false,
      fields: [
        ...system("LastModifiedDate", "LastModifiedById", "SystemModstamp"),
        field("AccountId", "reference", { referenceTo: ["Account"], seed: reference(history, "Account", 1) }),
        field("Field", "picklist", { nillable: false, seed: history.pick(["Name", "Owner", "Type"], 2) }),
        field("NewValue", "string", { filterable: false, sortable: false, seed: history.pick(pools.oddTexts, 3) }),
      ],
    }),
    defineObject({
      name: "LoginHistory",
      keyPrefix: "0Ya",
      replicateable: false,
      undeletable: false,
      fields: [
        ...system("IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"),
        field("UserId", "reference", {
          referenceTo: ["User"],
          relationshipName: null,
          seed: reference(history, "User", 4),
        }),
        field("LoginTime", "datetime", {
          nillable: false,
          system: (table, position, version) => version?.createdMs ?? table.seedCreatedMs(position),
        }),
      ],
    }),
    defineObject({
      name: "Group",
      keyPrefix: "00G",
      replicateable: false,
      undeletable: false,
      fields: [
        ...system("IsDeleted"),
        field("Name", "string", {
          length: 40,
          nameField: true,
          nillable: false,
          seed: (position) => `Queue ${position + 1}`,
        }),
        field("Type", "picklist", { nillable: false, picklistValues: ["Queue", "Regular"], seed: () => "Queue" }),
      ],
    }),
    defineObject({
      name: "Attachment",
      keyPrefix: "00P",
      fields: [
        ...system(),
        field("Name", "string", { nameField: true, nillable: false, seed: (position) => `file-${position}.txt` }),
        field("ParentId", "reference", { referenceTo: ["Account", "Contact"], seed: reference(history, "Account", 5) }),
        field("BodyLength", "int", { seed: (position) => 10 + (position % 90) }),
        field("Body", "base64"),
      ],
    }),
    ...["TaskStatus", "CaseStatus", "RecentlyViewed"].map((name, index) =>
      defineObject({
        name,
        keyPrefix: `0Z${index}`,
        bulk: false,
        replicateable: false,
        undeletable: false,
        fields: [
          ...system("IsDeleted"),
          field("MasterLabel", "string", { nameField: true, seed: (position) => `Label ${position + 1}` }),
        ],
      }),
    ),
    defineObject({
      name: "NotQueryable__e",
      keyPrefix: "e00",
      queryable: false,
      retrieveable: false,
      replicateable: false,
      undeletable: false,
      bulk: false,
      fields: [field("ReplayId", "string")],
    }),
  ];
}
