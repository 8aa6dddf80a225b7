import type { PlantedBug } from "./plant.ts";

/**
 * Bugs that people have written into programs like this one, each of which the search must find. `find` stands in its file
 * exactly once; where it no longer does, planting fails, and the entry has to follow the engine.
 */
export const plantedBugs: readonly PlantedBug[] = [
  // Reading
  {
    name: "pages begin strictly after a stamp",
    file: "simulated-source.ts",
    find: "return row.stamp > position.stamp || (row.stamp === position.stamp && row.key > position.key);",
    replace: "return row.stamp > position.stamp;",
  },
  {
    name: "what is still in flight is read past",
    file: "simulated-source.ts",
    find: "row.stamp < end && isAfter(row, position)",
    replace: "isAfter(row, position)",
  },
  {
    name: "a page carries the cursor of the page before",
    file: "line/read.ts",
    find: "        cursor = page.cursor;\n        yield page;",
    replace:
      "        const before = cursor;\n        cursor = page.cursor;\n        yield { ...page, cursor: before };",
  },
  {
    name: "the first page after a fault of the source is skipped",
    file: "line/read.ts",
    find: "await patience.afterFault(error);",
    replace:
      "await patience.afterFault(error);\n      for await (const page of source.read(stream, cursor, ports.signal)) {\n        cursor = page.cursor;\n        break;\n      }",
  },
  {
    name: "where is ignored",
    file: "line/map.ts",
    find: "if (!meetsWhere(row.fields, mapping.where)) {",
    replace: "if (mapping.where.length > 99) {",
  },
  // Comparing
  {
    name: "a change of structured values is not sent once the row has landed",
    file: "line/diff.ts",
    find: "const sendStructured = landed === null || !equalPart(landed, 0, digest, 0, STRUCTURED_BYTES);",
    replace: "const sendStructured = landed === null;",
  },
  {
    name: "unchanged text is extracted again",
    file: "line/diff.ts",
    find: "if (!same) indexes.push(index);",
    replace: "indexes.push(index);",
  },
  {
    name: "text that was removed is not sent",
    file: "line/diff.ts",
    find: "    const same =\n      before < 0\n",
    replace: "    const same =\n      before < 0 || isNothing(row.extracting[index] ?? null)\n",
  },
  {
    name: "a row that becomes another record leaves its texts behind",
    file: "line/digest.ts",
    find: "JSON.stringify([row.record, isNothing(value) ? null : value])",
    replace: "JSON.stringify(isNothing(value) ? null : value)",
  },
  {
    name: "null is sent as empty text",
    file: "line/batch.ts",
    find: "winner.row.structured[index] ?? null;",
    replace: 'winner.row.structured[index] ?? "";',
  },
  {
    name: "a parked version is sent again and again",
    file: "line/diff.ts",
    find: "if (before?.parked != null && equal(before.parked, digest)) {",
    replace: "if (before?.parked != null && digest.length === 0) {",
  },
  // Packing
  {
    name: "a batch's id is made of its content only",
    file: "line/batch.ts",
    find: '`${place}-${hash("sha256", `${place}\\n${content}`, "hex").slice(0, 16)}`',
    replace: 'hash("sha256", content, "hex").slice(0, 16)',
  },
  {
    name: "a record is in a batch twice",
    file: "line/batch.ts",
    find: "    losers += 1;\n    winners.delete(changed.row.record);\n    winners.set(changed.row.record, {",
    replace: "    losers += 1;\n    winners.set(`${changed.row.record} ${changed.row.key}`, {",
  },
  {
    name: "a row is lost when a batch is halved",
    file: "line/batch.ts",
    find: 'part(whole, middle, whole.rows.length, "1", limits)',
    replace: 'part(whole, middle, Math.max(middle + 1, whole.rows.length - 1), "1", limits)',
  },
  {
    name: "rows that lost to another of their record are not settled with it",
    file: "line/carry.ts",
    find: "return [itself, ...row.superseded.map(",
    replace: "return [itself, ...row.superseded.slice(row.superseded.length).map(",
  },
  // Order and checkpoints
  {
    name: "the checkpoint moves before rows have landed",
    file: "line/checkpoint.ts",
    find: "    await earlier;\n    await settled;\n    await move();",
    replace: "    await earlier;\n    await move();\n    await settled;",
  },
  {
    name: "checkpoints move out of order",
    file: "line/checkpoint.ts",
    find: "    await earlier;\n    await settled;\n    await move();",
    replace: "    await settled;\n    await move();\n    await earlier;",
  },
  {
    name: "a page that was cut short by a limit moves the checkpoint",
    file: "line/run.ts",
    find: "if (beyond === 0 && resend === null) {",
    replace: "if (beyond >= 0) {",
  },
  {
    name: "a later version leaves while an earlier one is unsettled",
    file: "line/in-flight.ts",
    find: "      await untilFree(RECORD, records);\n      await untilFree(KEY, keys);\n",
    replace: "",
  },
  {
    name: "a row that lost its identity leaves while its earlier version is unsettled",
    file: "line/in-flight.ts",
    find: "      await untilFree(KEY, keys);\n",
    replace: "",
    from: 3915,
  },
  {
    name: "the run does not wait for its last batches",
    file: "line/run.ts",
    find: '    report.phase("landing");\n    await unlessStopped(checkpoints.done(), stop.signal);\n',
    replace: '    report.phase("landing");\n',
  },
  // What is remembered
  {
    name: "digests are stored when a batch is sent",
    file: "line/deliver.ts",
    find: "    ports.onLeaving(batch);",
    replace:
      '    await ports.state.settle({ batchId: "", landed: batch.rows, parked: [], replacedBy: [] });\n    ports.onLeaving(batch);',
  },
  {
    name: "digests are stored when a batch is accepted",
    file: "line/deliver.ts",
    find: "await ports.state.markAccepted(batch.id, eventId, ambiguous ? ports.echoUntilMs() : null);",
    replace:
      'await ports.state.markAccepted(batch.id, eventId, ambiguous ? ports.echoUntilMs() : null);\n      await ports.state.settle({ batchId: "", landed: batch.rows, parked: [], replacedBy: [] });',
  },
  {
    name: "unsettled batches are forgotten at the start",
    file: "line/settle-earlier.ts",
    find: "const earlier = await ports.state.unsettled();",
    replace: "const earlier: readonly UnsettledBatch[] = [];",
  },
  {
    name: "batches that were sent are taken back",
    file: "line/unsent.ts",
    find: "      ids.delete(batchId);\n",
    replace: "      if (ids.size > 20) ids.delete(batchId);\n",
    from: 660,
  },
  {
    name: "parked rows are not kept",
    file: "line/run.ts",
    find: "const parked = [...mapped.parked, ...packed.parked];",
    replace: "const parked = packed.parked;",
  },
  {
    name: "refused rows are forgotten",
    file: "state/create-sync-state.ts",
    find: "        parkedRows += addParked(statements, parked);\n        if (landedRows",
    replace: "        if (landedRows",
  },
  {
    name: "a row in doubt counts as what had landed before",
    file: "line/doubt.ts",
    find: "if (rows.length === 0) return { landed: [], parked: [] };",
    replace: "if (rows.length >= 0) return { landed: [], parked: [] };",
  },
  // Copies that land late
  {
    name: "nobody waits for an earlier copy to land",
    file: "line/echoes.ts",
    find: "if (echoes.size === 0) return;",
    replace: "if (echoes.size >= 0) return;",
  },
  {
    name: "a lost reply leaves no echo",
    file: "personize/caller.ts",
    find: "ambiguous ||= failure.applied;",
    replace: "",
  },
  {
    name: "echoes are forgotten with the process",
    file: "line/settle-earlier.ts",
    find: "for (const echo of await ports.state.echoes()) ports.echoes.add(echo.rows, echo.untilMs);",
    replace: "",
  },
  {
    name: "a batch that nobody heard of again is forgotten at once",
    file: "line/settle-earlier.ts",
    find: "else await settle(batch, [], true, batch.sentAt + ports.lateLandingMs, ports);",
    replace: "else await ports.state.withdraw([batch.id]);",
  },
  {
    name: "a batch that the service lost sight of leaves no echo",
    file: "line/judge.ts",
    find: 'return ending.state === "vanished" || (ending.state === "failed" && ending.again);',
    replace: 'return ending.state === "vanished" && ending.state.length === 0;',
  },
  {
    name: "further tries are not fenced",
    file: "line/deliver.ts",
    find: "  const passage: Passage = {\n    async leaving() {\n",
    replace:
      "  let left = false;\n  const passage: Passage = {\n    async leaving() {\n      if (left) return;\n      left = true;\n",
    from: 1205,
  },
  // What was sent is seen
  {
    name: "nobody minds what reading back shows",
    file: "line/judge.ts",
    find: "  if (unseen.length > 0) return {",
    replace: "  if (unseen.length > 1e9) return {",
    from: 320,
  },
  {
    name: "nothing is read back",
    file: "line/read-back.ts",
    find: "if (chosen.length === 0) return NOTHING;",
    replace: "if (chosen.length >= 0) return NOTHING;",
  },
  {
    name: "only copies that may still land are read back",
    file: "line/echoes.ts",
    find: "        concerned.add(record);\n",
    replace: "",
  },
  {
    name: "what a search does not find yet is sent again",
    file: "line/read-back.ts",
    find: "for (const waitMs of [0, ...LOOK_AGAIN_AFTER_MS]) {",
    replace: "for (const waitMs of [0]) {",
  },
  // Deleting
  {
    name: "what a reading did not show is deleted without asking for it by key",
    file: "line/look-up.ts",
    find: "gone: isClear ? asked.filter((key) => !found.has(key)) : []",
    replace: "gone: asked",
  },
  {
    name: "rows that the enumeration has not reached yet count as gone",
    file: "line/delete.ts",
    find: 'const isComplete = status.enumeration === "complete";',
    replace:
      'if (status.enumeration === "open") await state.completeEnumeration();\n  const isComplete = status.enumeration !== "none";',
  },
  {
    name: "an enumeration that proves nothing counts as complete",
    file: "line/enumeration.ts",
    find: "if (!isWhole && (last?.proved ?? null) === null) return;",
    replace: "if (!isWhole && last === null) return;",
  },
  {
    name: "the breaker does not break",
    file: "line/delete.ts",
    find: "  if (count <= most) return;",
    replace: "  if (count >= 0) return;",
  },
  {
    name: "an empty source is taken for an order to delete everything",
    file: "line/delete.ts",
    find: "if (absent > 0 && !status.hasSeen) throw nothingSeen(absent, ports);",
    replace: "",
  },
  {
    name: "a changed filter counts as deletion",
    file: "line/delete.ts",
    find: "status.selection !== policy.selection && gone.length > 0;",
    replace: "status.selection !== policy.selection && gone.length > 1e9;",
    from: 380,
  },
  {
    name: "a changed filter is taken over with a reading of the one before",
    file: "line/delete.ts",
    find: "ports.isOfThisRun ? policy.selection : (status.selection ?? policy.selection)",
    replace: "policy.selection",
    from: 4525,
  },
  {
    name: "a record is deleted although another row maps to it",
    file: "state/create-deletion-memory.ts",
    find: "        statements.dropShared.run(id);\n",
    replace: "",
  },
  {
    name: "rows that where leaves out count as gone",
    file: "line/enumeration.ts",
    find: "for (const [key, isGone] of deleted) (isGone ? gone : seen).push(key);",
    replace:
      "const kept = new Set(mapped.map((row) => row.key));\n      for (const [key, isGone] of deleted) (isGone || !kept.has(key) ? gone : seen).push(key);",
  },
  {
    name: "a record counts as ours although no row is known to have landed in it",
    file: "line/carry.ts",
    find: "doubtful.flatMap((row) => withSuperseded(row, {})),",
    replace:
      "doubtful.flatMap((row) => withSuperseded(row, { identity: ports.remember(batch.recordKind, row.record) })),",
    from: 7165,
  },
  {
    name: "records of rows that are gone stay",
    file: "line/delete.ts",
    find: "      await state.leave(found.gone);",
    replace: "      await state.forgetRows(found.gone);",
  },
  {
    name: "the record that a row no longer is stays",
    file: "state/create-sync-state.ts",
    find: "    if (identity !== null) statements.leaveOtherRecord.run(id, key, identity);\n",
    replace: "",
  },
  {
    name: "a record is struck off before it is deleted",
    file: "line/delete-left.ts",
    find: "  const outcome = await destination.remove(",
    replace: "  await state.strikeOff(identity);\n  const outcome = await destination.remove(",
    from: 500,
  },
  {
    name: "nobody waits for a copy to land before its record is deleted",
    file: "line/delete-left.ts",
    find: "  await echoes.untilSilent([{ row: { record: record.value }, digest: NO_VERSION }], signal);\n",
    replace: "",
    from: 215,
  },
  {
    name: "a record that no search shows yet counts as deleted",
    file: "line/delete-left.ts",
    find: '  if (outcome === "unseen") {',
    replace: '  if (outcome === "unseen" && missedAt !== null) {',
  },
  {
    name: "a row that comes back leaves its old texts in its record",
    file: "line/run.ts",
    find: "const mayReturn = job.deletes !== undefined;",
    replace: "const mayReturn = false;",
    from: 230,
  },
  // Trying parked rows again
  {
    name: "retry reads on instead",
    file: "line/pages.ts",
    find: "if (options.resend === undefined) {",
    replace: "if (options.resend !== null) {",
  },
  {
    name: "retry moves the checkpoint",
    file: "line/run.ts",
    find: "if (beyond === 0 && resend === null) {",
    replace: "if (beyond === 0) {",
  },
  {
    name: "retry does not try rows whose version is parked",
    file: "line/forget-parked.ts",
    find: "return new Map([...known].map(([key, row]) => [key, { ...row, parked: null }]));",
    replace: "return known;",
  },
  {
    name: "rows that are tried again are parked no longer, whatever becomes of them",
    file: "line/doubt.ts",
    find: "return digest === null ? [] :",
    replace: "return digest !== undefined ? [] :",
    from: 10_915,
  },
  {
    name: "retry keeps rows that are gone",
    file: "line/pages.ts",
    find: "    await state.writeDown([], [], gone);\n",
    replace: "",
  },
  // Repairing
  {
    name: "rows that a repair has found are not parked",
    file: "state/create-sync-state.ts",
    find: "const parkedRows = addParked(statements, distrusted);",
    replace: "const parkedRows = addParked(statements, []);",
  },
  {
    name: "what a repair has found wrong still counts as landed",
    file: "line/distrust.ts",
    find: "digest: blurAll(landed) }",
    replace: "digest: landed }",
  },
  // One run at a time
  {
    name: "the fence is not looked at",
    file: "state/create-sync-state.ts",
    find: "if (sync === undefined || sync.fence !== fence) throw takenOver(name, sync?.holder ?? null);",
    replace: "if (sync === undefined) throw takenOver(name, null);",
  },
  {
    name: "a claim keeps nobody out",
    file: "state/create-sqlite-store.ts",
    find: "if (live !== null && live.holder !== holder && live.holder !== replacing) return null;",
    replace: "",
  },
  {
    name: "a claim is not renewed",
    file: "line/claim.ts",
    find: "    await state.renew(CLAIM_TTL_MS);\n",
    replace: "",
  },
  {
    name: "an interrupt is not heard",
    file: "line/stop.ts",
    find: 'else drain.addEventListener("abort", interrupted, { once: true });',
    replace: "",
  },
  {
    name: "whoever waits because the quota is used up hears no interrupt",
    file: "line/wind-down.ts",
    find: "AbortSignal.any([ended, options.drain])",
    replace: "ended",
    from: 26_337,
  },
  // What the service says
  {
    name: "a partial failure counts as landed",
    file: "personize/to-outcome.ts",
    find: "  if (PARTIAL.has(status)) {",
    replace: '  if (PARTIAL.has(status)) return { state: "landed" };\n  if (PARTIAL.has(status)) {',
  },
  {
    name: "a failure counts as landed",
    file: "personize/to-outcome.ts",
    find: "  if (FAILED.has(status)) {",
    replace: '  if (FAILED.has(status)) return { state: "landed" };\n  if (FAILED.has(status)) {',
  },
  {
    name: "lost work counts as landed",
    file: "personize/to-outcome.ts",
    find: '{ state: "failed", reason: "the service lost the work (failed_stale)", again: true }',
    replace: '{ state: "landed" }',
  },
  {
    name: "an unknown status counts as landed",
    file: "personize/to-outcome.ts",
    find: '  return { state: "in-flight" };\n}',
    replace: '  return { state: "landed" };\n}',
  },
  {
    name: "an event that vanished counts as landed",
    file: "personize/event-reader.ts",
    find: 'if (!result.ok) return { state: "vanished" };',
    replace: 'if (!result.ok) return { state: "landed" };',
  },
  {
    name: "an answer with success: false counts as accepted",
    file: "personize/read-failure.ts",
    find: 'if (envelope["success"] !== false) return null;',
    replace: "if (envelope !== null) return null;",
  },
  // Quota and tries
  {
    name: "400 is tried again",
    file: "personize/read-failure.ts",
    find: 'if (status >= 400) return { kind: "refused", status, code, text: said };',
    replace: 'if (status >= 400) return { kind: "passing", applied: false, retryAfterMs: null, text: said };',
  },
  {
    name: "401 is tried again",
    file: "personize/read-failure.ts",
    find: 'if (status === 401) return { kind: "credentials", text: said };',
    replace: 'if (status === 401) return { kind: "passing", applied: false, retryAfterMs: null, text: said };',
  },
  {
    name: "tries never end",
    file: "personize/caller.ts",
    find: "const MAX_PASSING_FAULTS = 7;",
    replace: "const MAX_PASSING_FAULTS = 1e9;",
  },
  {
    name: "nobody steps back after a 429",
    file: "personize/caller.ts",
    find: "await state.penalize(paceKey, failure.retryAfterMs + runtime.random() * 250, pace);",
    replace: "",
  },
  {
    name: "the pace forgets that a burst counts too",
    file: "state/pace.ts",
    find: "60000.0 / (rate - burst) as interval_ms",
    replace: "60000.0 / rate as interval_ms",
  },
  {
    name: "no place in the minute is waited for",
    file: "personize/caller.ts",
    find: "const waitMs = await state.reserve(paceKey, request.units, pace);",
    replace: "const waitMs = 0 * (await state.reserve(paceKey, request.units, pace));",
  },
  {
    name: "the month's budget is not kept",
    file: "personize/caller.ts",
    find: "if (used + promised + request.units + reserve > unitsPerMonth) {",
    replace: "if (used + promised + request.units + reserve > 100 * unitsPerMonth) {",
  },
  {
    name: "more requests at once than allowed",
    file: "personize/create-personize-destination.ts",
    find: "createRequestSlots(options.maxConcurrentRequests)",
    replace: "createRequestSlots(options.maxConcurrentRequests + 1)",
  },
];
