import type { ObjectDefinition } from "./object-definition.ts";
import { account, contact, lead, userObject } from "./people-objects.ts";
import type { SeedContext } from "./seed-context.ts";
import { caseObject, opportunity, task } from "./work-objects.ts";

/** The objects that every org has, with the fields that matter. */
export function standardObjects(context: SeedContext): readonly ObjectDefinition[] {
  return [
    account(context),
    contact(context),
    lead(context),
    opportunity(context),
    caseObject(context),
    task(context),
    userObject(context),
  ];
}
