import type { Connector } from "@acme/sync-core";

/** Every connector that the runner can offer, by package. The only list of them. */
const offers: Readonly<Record<string, () => Promise<Connector>>> = {
  "@acme/connector-hubspot": async () => (await import("@acme/connector-hubspot")).hubspotConnector,
  "@acme/connector-mysql": async () => (await import("@acme/connector-mysql")).mysqlConnector,
  "@acme/connector-postgres": async () => (await import("@acme/connector-postgres")).postgresConnector,
  "@acme/connector-salesforce": async () => (await import("@acme/connector-salesforce")).salesforceConnector,
};

/** The connectors that are installed beside the runner; an image may have been made with some of them only. */
export async function loadConnectors(): Promise<readonly Connector[]> {
  const loaded = await Promise.all(
    Object.entries(offers).map(([packageName, load]) => loadIfInstalled(packageName, load)),
  );
  return loaded.flatMap((connector) => connector ?? []);
}

async function loadIfInstalled(packageName: string, load: () => Promise<Connector>): Promise<Connector | null> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error, packageName)) return null;
    throw error;
  }
}

/** Only the package itself may be missing: one that is there and lacks something of its own is broken, and said to be. */
function isMissing(error: unknown, packageName: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND" &&
    error.message.includes(`'${packageName}'`)
  );
}
