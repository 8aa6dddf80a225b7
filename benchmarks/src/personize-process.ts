/** The stand-in in a process of its own, on a plan without limits. Prints its URL. */
import { startPersonizeApi } from "@acme/personize-api";

const api = await startPersonizeApi({
  organizations: [{ keys: [process.argv[2] ?? ""], plan: "unlimited" }],
  landingDelayMs: 500,
  requestLogSize: 0,
  historyLimit: 0,
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void api.close());
process.stdout.write(`${api.url}\n`);
