import type { PlantedBug } from "../connector-search/plant.ts";

/** Bugs that readers of Salesforce have, each of which the search must find. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "reading does not stay behind Salesforce's clock",
    file: "read-changes.ts",
    find: "toWindow(cursor.pass.throughMs, client.serverNow(), config.lagMs, config.overlapMs)",
    replace: "toWindow(cursor.pass.throughMs, client.serverNow(), 0, config.overlapMs)",
  },
  {
    name: "a window begins where the one before has ended",
    file: "cursor.ts",
    find: "fromMs: toSecond(doneMs - overlapMs)",
    replace: "fromMs: toSecond(doneMs)",
  },
  {
    name: "a pass proves what may still surface",
    file: "read-changes.ts",
    find: "toSecond(throughMs - overlapMs)",
    replace: "toSecond(throughMs)",
  },
  {
    name: "the first pass begins where the first reading began, not before",
    file: "enumerate.ts",
    find: "Math.max(0, startedMs - config.lagMs)",
    replace: "startedMs",
  },
  {
    name: "this machine's clock is taken for Salesforce's",
    file: "wire.ts",
    find: "serverNow: () => (clock === null ? ",
    replace: "serverNow: () => (clock !== undefined ? ",
  },
  {
    name: "reading goes on strictly after the last stamp",
    file: "query.ts",
    find: "`((${field} = ${at} AND ${ID} > ${quote(after.id)}) OR ${field} > ${at})`",
    replace: "`${field} > ${at}`",
  },
  {
    name: "a short page is taken for the last",
    file: "rest.ts",
    find: "const isOver = page.next === null &&",
    replace: "const isOver = (page.next === null || page.records.length < 200) &&",
  },
  {
    name: "a locator that is lost ends the reading",
    file: "rest.ts",
    find: "if (next === null) break;",
    replace: "if (next === null) {\n        yield { records: [], totalSize, isLast: true };\n        return;\n      }",
  },
  {
    name: "a row that moved while it was read is where reading goes on",
    file: "rest.ts",
    find: "isFirst || isFirm(record) ? record : null",
    replace: "record",
  },
  {
    name: "a window that was interrupted counts as read",
    file: "read-changes.ts",
    find: "{ ...(cursor.pass ?? { throughMs }), window: following }",
    replace: "{ throughMs, window: null }",
  },
  {
    name: "of a span that took too long the first half is read",
    file: "cursor.ts",
    find: "if (at.untilMs >= at.throughMs) return null;",
    replace: "if (at.untilMs >= 0) return null;",
  },
  {
    name: "the first page of a Bulk result is taken for all",
    file: "client.ts",
    find: 'header === null || header === "" || header === "null" ? null : header',
    replace: "header !== undefined ? null : header",
  },
  {
    name: "the rows of a Bulk result are not counted",
    file: "bulk.ts",
    find: "if (total !== rowsBefore) throw",
    replace: "if (total < 0) throw",
  },
  {
    name: "a Bulk result is gone on with at the next page",
    file: "bulk.ts",
    find: "const next = read === count ? following : { ...place, skip: read, lastId };",
    replace: "const next = following;",
  },
  {
    name: "a record that was merged away counts as alive",
    file: "subject.ts",
    find: 'if (toValue(isDeleted, "boolean", tally) !== true) return',
    replace: 'if (toValue(isDeleted, "boolean", tally) !== true || toValue(masterId, "id", tally) !== null) return',
  },
  {
    name: "the log of deletions is not read",
    file: "schedule.ts",
    find: "return deletedEveryMs !== false && deletedAtMs !== null",
    replace: "return deletedEveryMs === 0 && deletedAtMs !== null",
  },
  {
    name: "the log of deletions counts as read beyond what it covers",
    file: "sweep-deleted.ts",
    find: "Math.min(endMs, toMs(answer.latestDateCovered))",
    replace: "endMs",
  },
  {
    name: "a span with too many deletions for one answer is passed over",
    file: "sweep-deleted.ts",
    find: "isGap = half < SHORTEST_MS;",
    replace: "if (half < SHORTEST_MS) {\n        startMs = endMs;\n        endMs = nowMs;\n        continue;\n      }",
  },
  {
    name: "a gap in the log of deletions is passed over",
    file: "sweep-deleted.ts",
    find: "  if (!isGap) return;",
    replace: "  if (isGap) yield { rows: [], cursor: end(nowMs), proved: null };\n  if (nowMs > 0) return;",
  },
  {
    name: "a new reading of everything does not say where it begins",
    file: "enumerate.ts",
    find: "isAgain && under.afterId === null && under.bulk === null",
    replace: 'isAgain && under.afterId === "" && under.bulk === null',
  },
  {
    name: "formulas and fields of parents are never read again",
    file: "schedule.ts",
    find: "if (hasCalculated && isDue(config.calculatedEveryMs))",
    replace: "if (hasCalculated && isDue(false))",
  },
  {
    name: "a refresh token that was replaced is forgotten",
    file: "credentials.ts",
    find: "refreshToken: granted.refreshToken ?? used,",
    replace: "refreshToken: used,",
  },
  {
    name: "a refresh token that was replaced is lost with the process",
    file: "credentials.ts",
    find: "if (tokenFile !== undefined) await writeTokens(files, tokenFile, tokens);",
    replace: "",
  },
  {
    name: "everybody refreshes the session at once",
    file: "credentials.ts",
    find: "tokenFile === undefined\n        ? logIn",
    replace: "grant !== null\n        ? logIn",
  },
];
