import { notFound } from "../api-error.ts";
import { requireScope } from "../auth/scopes.ts";
import { type Call, readLimit } from "../call.ts";
import type { Owner } from "../portal/owners.ts";
import { type Reply, toReply } from "../reply.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;
const scopes = ["crm.objects.owners.read"];

/** GET /crm/v3/owners, with or without a slash at the end. */
export function listOwners(call: Call): Reply {
  requireScope(call.app, scopes);
  const { query } = call;
  const archived = query.get("archived") === "true";
  const email = query.get("email");
  const limit = readLimit(query.get("limit"), DEFAULT_LIMIT, MAX_LIMIT, call.knobs);
  const after = Number(query.get("after") ?? 0);
  const matching = call.portal.owners.filter(
    (owner) => owner.archived === archived && (email === null || owner.email === email) && Number(owner.id) >= after,
  );
  const results = matching.slice(0, limit).map(toOwnerBody);
  call.rows = results.length;
  const next = matching[limit];
  return toReply(next === undefined ? { results } : { results, paging: { next: { after: next.id } } });
}

/** GET /crm/v3/owners/{id}; `idProperty=userId` looks for the user instead. */
export function readOwner(call: Call): Reply {
  requireScope(call.app, scopes);
  const id = call.params["id"] ?? "";
  const byUser = call.query.get("idProperty") === "userId";
  const archived = call.query.get("archived") === "true";
  const owner = call.portal.owners.find(
    (candidate) => (byUser ? String(candidate.userId) : candidate.id) === id && candidate.archived === archived,
  );
  if (owner === undefined) throw notFound();
  call.rows = 1;
  return toReply(toOwnerBody(owner));
}

/** An archived owner has no user any more, and no `archivedAt`. */
function toOwnerBody(owner: Owner) {
  return {
    id: owner.id,
    email: owner.email,
    type: owner.type,
    firstName: owner.firstName,
    lastName: owner.lastName,
    userId: owner.archived ? null : owner.userId,
    userIdIncludingInactive: owner.userId,
    createdAt: new Date(owner.createdAtMs).toISOString(),
    updatedAt: new Date(owner.updatedAtMs).toISOString(),
    archived: owner.archived,
    teams: [{ id: "77", name: "Sales", primary: true }],
  };
}
