import { type Reply, toReply } from "../reply.ts";

/** The login routes answer an object, not the array of REST. */
export function oauthError(error: string, description: string, status = 400): Reply {
  return toReply({ error, error_description: description }, status);
}
