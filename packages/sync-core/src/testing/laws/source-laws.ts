import type { Law } from "../law.ts";
import { changeLaws } from "./changes.ts";
import { cursorLaws } from "./cursors.ts";
import { endingLaws } from "./endings.ts";
import { faultLaws } from "./faults.ts";
import { lookupLaws } from "./lookups.ts";
import { rowLaws } from "./rows.ts";

/** What every source keeps to, in the order in which the contract states it. */
export const sourceLaws: readonly Law[] = [
  ...rowLaws,
  ...cursorLaws,
  ...changeLaws,
  ...lookupLaws,
  ...endingLaws,
  ...faultLaws,
];
