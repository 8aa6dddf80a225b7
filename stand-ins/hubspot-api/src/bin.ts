import { runProgram } from "@acme/stand-in-kit";
import { parseCommandLine, usage } from "./command-line.ts";
import { startHubspotApi } from "./start-hubspot-api.ts";

const since = `{"propertyName":"lastmodifieddate","operator":"GTE","value":"2026-10-01T00:00:00Z"}`;

await runProgram({
  name: "hubspot-api",
  usage,
  parse: parseCommandLine,
  start: startHubspotApi,
  facts: ({ token }) => ({ token }),
  greeting: (url, { token }) => `HubSpot API stand-in (not the live service)

  url    ${url}
  token  ${token}

Try:
  curl -H 'Authorization: Bearer ${token}' '${url}/crm/v3/objects/contacts?limit=3&associations=companies'
  curl -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' ${url}/crm/v3/objects/contacts/search \\
    -d '{"filterGroups":[{"filters":[${since}]}],"properties":["email"],"limit":3}'
  curl -X POST ${url}/__admin/counts

Control-C stops it.
`,
});
