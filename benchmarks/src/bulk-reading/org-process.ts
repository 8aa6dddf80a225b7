/** An org with so many contacts, in a process of its own. Its first line is its address. */
import { startSalesforceApi } from "@acme/salesforce-api";

const rows = Number(process.argv[2]);
const api = await startSalesforceApi({ org: { rows: { Contact: rows, Account: 1000 } }, requestLogSize: 0 });
process.stdout.write(`${api.url}\n`);
process.once("SIGTERM", () => void api.close());
