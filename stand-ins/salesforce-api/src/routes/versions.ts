import type { Call } from "../call.ts";
import type { Knobs } from "../knobs.ts";
import { type Reply, toReply } from "../reply.ts";

const NEWEST_KNOWN = 67;
const SEASONS = ["Winter", "Spring", "Summer"];

/** GET /services/data: no session is needed. */
export function listVersions({ oldestVersion, newestVersion }: Readonly<Knobs>): Reply {
  const versions: object[] = [];
  for (let version = oldestVersion; version <= newestVersion; version += 1) {
    // 67.0 is Summer '26; three releases a year.
    const releases = version - NEWEST_KNOWN + 2 + 26 * 3;
    const year = Math.floor(releases / 3);
    versions.push({
      label: `${SEASONS[releases % 3]} '${year}`,
      url: `/services/data/v${version}.0`,
      version: `${version}.0`,
    });
  }
  return toReply(versions);
}

/** GET /services/data/v{version}. */
export function listResources({ version }: Call): Reply {
  const base = `/services/data/v${version}`;
  const names = ["sobjects", "query", "queryAll", "limits", "composite", "jobs"];
  return toReply(Object.fromEntries(names.map((name) => [name, `${base}/${name}`])));
}
