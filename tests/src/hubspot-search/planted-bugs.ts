import type { PlantedBug } from "../connector-search/plant.ts";

/** Bugs that readers of HubSpot have, each of which the search must find. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "the exact pass does not stay behind the index",
    file: "passes.ts",
    find: "toWindow(pass.throughMs, nowMs - config.lagMs, config.overlapMs)",
    replace: "toWindow(pass.throughMs, nowMs, config.overlapMs)",
  },
  {
    name: "the live pass proves what it has read",
    file: "passes.ts",
    find: "      cursor = { ...cursor, live: pass };\n      yield { rows, cursor, proved: null };",
    replace:
      "      cursor = { ...cursor, live: pass };\n      const through = new Date(throughMs).toISOString();\n      const proved = { field: reading.subject.modifiedProperty, after: null, through };\n      yield { rows, cursor, proved: at === null ? proved : null };",
  },
  {
    name: "a window that was interrupted counts as read",
    file: "passes.ts",
    find: "{ ...before, throughMs, window: null } : { ...before, window: at };\n      const provedMs",
    replace: "{ ...before, throughMs, window: null } : { ...before, throughMs, window: null };\n      const provedMs",
  },
  {
    name: "passes by date go on from the end of the first reading, not from its beginning",
    file: "enumerate.ts",
    find: "cursor = isOver ? toEnd(cursor, enumeration)",
    replace: "cursor = isOver ? toEnd(cursor, { ...enumeration, startedMs: reading.client.serverNow() })",
  },
  {
    name: "a page goes on strictly after its last date",
    file: "window.ts",
    find: "next: { ...at, nextMs: lastMs, afterId: drain ? FIRST_ID : null } };",
    replace: "next: { ...at, nextMs: lastMs + 1, afterId: null } };",
  },
  {
    name: "a date that fills a page is not drained by id",
    file: "window.ts",
    find: "afterId: drain ? FIRST_ID : null",
    replace: "afterId: drain && lastMs !== at.nextMs ? null : null",
  },
  {
    name: "a date that is drained is over after its first page",
    file: "window.ts",
    find: "  const ids = found.map((row) => row.id);\n  if (!hasMore) {",
    replace: "  const ids = found.map((row) => row.id);\n  if (!hasMore || found.length > 0) {",
  },
  {
    name: "a short page of a list is taken for the last",
    file: "enumerate.ts",
    find: "isOver = after === null;",
    replace: "isOver = after === null || answer.results.length < toLimit(reading);",
  },
  {
    name: "archived records are not looked for",
    file: "schedule.ts",
    find: "return sweep.walk !== null || nowMs - sweep.atMs >= everyMs;",
    replace: "return sweep.walk !== null && nowMs - sweep.atMs >= everyMs;",
  },
  {
    name: "what was merged into a record is forgotten when it is archived",
    file: "sweeps.ts",
    find: "rows.push(toDeleted(record.id), ...mergedAway(record).map(({ id }) => toDeleted(id)));",
    replace: "rows.push(toDeleted(record.id));",
  },
  {
    name: "a new reading of everything does not say where it begins",
    file: "enumerate.ts",
    find: "beginsEnumeration: enumeration.after === null",
    replace: "beginsEnumeration: enumeration.after === null && enumeration.isFirst",
  },
  {
    name: "everything is read once only",
    file: "schedule.ts",
    find: "=> everyMs !== false && age >= everyMs;",
    replace: "=> everyMs !== false && age >= everyMs && cursor.enumeratedMs === null;",
  },
];
