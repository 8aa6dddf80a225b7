/** HubSpot's stand-in in a process of its own. Prints its URL. */
import { startHubspotApi } from "@acme/hubspot-api";

const api = await startHubspotApi({ portal: { contacts: 500 } });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void api.close());
process.stdout.write(`${api.url}\n`);
