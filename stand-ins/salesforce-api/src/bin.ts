import { readFileSync } from "node:fs";
import { runProgram } from "@acme/stand-in-kit";
import { parseCommandLine, usage } from "./command-line.ts";
import { startSalesforceApi } from "./start-salesforce-api.ts";

await runProgram({
  name: "salesforce-api",
  usage,
  parse: (args) => parseCommandLine(args, (path) => readFileSync(path, "utf8")),
  start: startSalesforceApi,
  facts: () => ({}),
  greeting: (url) => `Salesforce stand-in (not the live service)

  url     ${url}
  client  stand-in-client, secret stand-in-secret, refresh token stand-in-refresh
  user    sync@acme.example, password stand-in-password + stand-in-token

Try:
  curl -d grant_type=client_credentials -d client_id=stand-in-client -d client_secret=stand-in-secret \\
    ${url}/services/oauth2/token
  curl -G -H "Authorization: Bearer $TOKEN" ${url}/services/data/v66.0/query \\
    --data-urlencode "q=SELECT Id, Name, Account.Name FROM Contact ORDER BY SystemModstamp DESC LIMIT 3"
  curl -X POST ${url}/__admin/counts

Control-C stops it.
`,
});
