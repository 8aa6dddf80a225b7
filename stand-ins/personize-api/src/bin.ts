import { runProgram } from "@acme/stand-in-kit";
import { parseCommandLine, usage } from "./command-line.ts";
import { startPersonizeApi } from "./start-personize-api.ts";

const row = `{"email":"ada@example.com","first_name":"Ada"}`;
const mapping = `{"entityType":"contact","email":"email","properties":{"first_name":{"sourceField":"first_name","collectionName":"Contacts Standard Schema"}}}`;

await runProgram({
  name: "personize-api",
  usage,
  parse: parseCommandLine,
  start: startPersonizeApi,
  facts: ({ key }) => ({ key }),
  greeting: (url, { key }) => `Personize API stand-in (not the live service)

  url  ${url}
  key  ${key}

Try:
  curl -H 'Authorization: Bearer ${key}' ${url}/api/v1/me
  curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' ${url}/api/v1/batch-memorize \\
    -d '{"source":"hand","mapping":${mapping},"rows":[${row}]}'
  curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' ${url}/api/v1/smart-memory-digest \\
    -d '{"email":"ada@example.com","type":"contact"}'

Control-C stops it.
`,
});
