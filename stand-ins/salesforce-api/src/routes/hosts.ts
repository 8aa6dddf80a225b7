import type { User } from "../auth/users.ts";
import type { World } from "../world.ts";

/** Where data calls go, as told to somebody who logged in at `host`. */
export function toInstanceUrl(world: World, host: string): string {
  return world.knobs.instanceUrl ?? host;
}

export function toIdentityUrl(world: World, host: string, user: User): string {
  return `${host}/id/${world.org.id}/${user.id}`;
}

/** Whether a data call came to the host that serves this org. */
export function isInstanceHost(world: World, host: string): boolean {
  const { instanceUrl } = world.knobs;
  return instanceUrl === null || instanceUrl.replace(/\/$/, "") === host;
}
