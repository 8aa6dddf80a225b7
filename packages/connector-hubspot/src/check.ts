import type { Finding } from "@acme/sync-core";
import type { HubspotConfig } from "./config.ts";
import type { Description } from "./subject.ts";

const MINUTE_MS = 60_000;

/** What is worth knowing about a source that can be read. Pure. */
export function toFindings(config: HubspotConfig, description: Description | null): readonly Finding[] {
  const findings: Finding[] = [];
  const ok = (message: string): void => void findings.push({ level: "ok", message, hint: null });
  const warn = (message: string, hint: string): void => void findings.push({ level: "warning", message, hint });

  if (config.oauth !== undefined && config.oauth.tokenFile === undefined) {
    warn(
      "a refresh token that HubSpot replaces is lost when the process ends",
      "Set oauth.tokenFile to a file that stays, and that only this user may read.",
    );
  }
  if (description === null) {
    ok("owners are read in full on every run, archived ones too");
    return findings;
  }
  const { type, modifiedProperty, properties, estimatedRows } = description;
  ok(
    `${type.name}: ${properties.size} properties, ${estimatedRows === null ? "an unknown number of" : `about ${estimatedRows}`} records; changes are found by ${modifiedProperty}`,
  );
  ok(
    `changes are proved complete ${toMinutes(config.lagMs)} minutes after they were made${config.live ? ", and read before that as soon as HubSpot's search shows them" : ""}`,
  );
  if (config.lagMs < 5 * MINUTE_MS) {
    warn(
      `lagMs is ${config.lagMs}: a change that takes longer to become searchable would be missed until the next reconciliation`,
      "HubSpot publishes no figure; an hour is what careful readers use.",
    );
  }
  if (config.archivedEveryMs === false) {
    warn("archived records are not looked for", "Set archivedEveryMs.");
  }
  if (config.reconcileEveryMs === false) {
    warn("permanently deleted and restored records are not looked for", "Set reconcileEveryMs.");
  }
  return findings;
}

function toMinutes(ms: number): string {
  return String(Math.round((ms / MINUTE_MS) * 10) / 10);
}
