import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "./api-error.ts";
import type { Organization } from "./organization.ts";
import type { World } from "./world.ts";

export interface Authenticated {
  readonly organization: Organization;
  readonly key: string;
}

/** Who sent a request. Throws ApiError 401 without a key, with an unknown one, or with one of the other world. */
export function authenticate(world: World, headers: IncomingHttpHeaders): Authenticated {
  const key = readKey(world, headers);
  if (key === undefined) throw refuse("Missing Authorization: Bearer header");
  const otherPrefix = world.knobs.environment === "test" ? "sk_live_" : "sk_test_";
  if (key.startsWith(otherPrefix)) throw refuse(`This is the ${world.knobs.environment} environment`);
  const organization = world.organizationsByKey.get(key);
  if (organization === undefined) throw refuse("Invalid API key");
  return { organization, key };
}

function readKey(world: World, headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined || !world.knobs.acceptApiKeyHeader) return bearer;
  const header = headers["x-api-key"];
  return typeof header === "string" ? header : undefined;
}

function refuse(message: string): ApiError {
  return new ApiError(401, "authentication_error", message);
}
