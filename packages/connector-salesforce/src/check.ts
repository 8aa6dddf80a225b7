import type { Finding } from "@acme/sync-core";
import type { SalesforceConfig } from "./config.ts";
import type { Description } from "./subject.ts";

const MINUTE_MS = 60_000;

/** What is worth knowing about a source that can be read. Pure. */
export function toFindings(config: SalesforceConfig, description: Description | null): readonly Finding[] {
  const findings: Finding[] = [];
  const ok = (message: string): void => void findings.push({ level: "ok", message, hint: null });
  const warn = (message: string, hint: string): void => void findings.push({ level: "warning", message, hint });

  if (config.oauth !== undefined && config.oauth.tokenFile === undefined) {
    warn(
      "a refresh token that Salesforce replaces is lost when the process ends",
      "Set oauth.tokenFile to a file that stays, and that only this user may read.",
    );
  }
  if (config.password !== undefined) {
    warn(
      "Salesforce retires SOAP login with Summer '27 (June 2027)",
      "Move to clientCredentials or jwt before then, with an external client app.",
    );
  }
  if (description === null) return findings;
  const { object, columns, cursorField, estimatedRows, hasDeletionLog } = description;
  ok(
    `${object}: ${columns.size} fields that this user may see, ${estimatedRows === null ? "an unknown number of" : `about ${estimatedRows}`} records`,
  );
  if (cursorField === null) {
    ok(`${object} has no field that shows when a record changed: it is read in full on every run`);
    return findings;
  }
  ok(
    `changes are found by ${cursorField}, read ${toMinutes(config.lagMs)} minutes after they were made, and proved complete after ${toMinutes(config.lagMs + config.overlapMs)}`,
  );
  if (cursorField === "CreatedDate" || cursorField === "LoginTime") {
    warn(
      `${cursorField} does not move when a record changes`,
      "Nothing is missed where records are only ever created; otherwise changes show with reconcileEveryMs.",
    );
  }
  if (config.lagMs + config.overlapMs < 5 * MINUTE_MS) {
    warn(
      `lagMs and overlapMs together are ${config.lagMs + config.overlapMs}: a change whose transaction takes longer would be missed until the next reconciliation`,
      "Transactions of up to ten minutes have been seen; keep the defaults.",
    );
  }
  if (!hasDeletionLog) {
    warn(
      `Salesforce keeps no log of deletions of ${object}: records that skip the recycle bin are not noticed`,
      "The reconciliation (reconcileEveryMs) finds them, where deletes: delete is set.",
    );
  } else if (config.deletedEveryMs === false) {
    warn("the log of deletions is not read: records that skip the recycle bin are not noticed", "Set deletedEveryMs.");
  }
  if (config.reconcileEveryMs === false) {
    warn("records that become visible without a change (sharing) are not looked for", "Set reconcileEveryMs.");
  }
  return findings;
}

function toMinutes(ms: number): string {
  return String(Math.round((ms / MINUTE_MS) * 10) / 10);
}
