import { ApiError } from "../api-error.ts";
import { toUuid } from "../collection.ts";
import type { Call, Handler } from "../call.ts";
import { readMonthUnits } from "../limiter.ts";
import { toReply } from "../reply.ts";
import { toIso } from "../to-iso.ts";

/** GET /me */
export const me: Handler = (call) => {
  const { organization, world } = call;
  const { plan } = organization;
  const data: Record<string, unknown> = {
    organization: { id: organization.id },
    user: { id: toUserId(call) },
    key: { id: `key_${toUuid(`key|${call.key}`).slice(0, 8)}`, scope: "organization" },
    plan: {
      id: plan.id,
      name: plan.name,
      description: plan.description,
      features: plan.features,
      limits: { maxApiCallsPerMinute: plan.perMinute, maxApiCallsPerMonth: plan.perMonth },
    },
  };
  if (world.knobs.meIncludesUsage) {
    data["organization"] = { id: organization.id, name: organization.name };
    data["usage"] = toUsage(call);
    data["rateLimits"] = { perMinute: plan.perMinute, perMonth: plan.perMonth };
  }
  return toReply(data);
};

/** GET /test */
export const test: Handler = (call) =>
  toReply({
    timestamp: toIso(call.nowMs),
    ip: call.address,
    userId: toUserId(call),
    organizationId: call.organization.id,
    userAgent: call.userAgent,
  });

/** GET /analytics/credits */
export const readCredits: Handler = (call) =>
  toReply({ balance: call.organization.credits, included: call.organization.includedCredits });

/** GET /usage/current */
export const readUsage: Handler = (call) => toReply(toUsage(call));

/** GET /entity-types: the types that collections brought into being; 404 when there are none. */
export const listEntityTypes: Handler = (call) => {
  const types = new Map<string, number>();
  for (const { entityType } of call.organization.collections.list()) {
    types.set(entityType, (types.get(entityType) ?? 0) + 1);
  }
  if (types.size === 0) throw new ApiError(404, "not_found_error", "No entity types");
  return toReply(
    [...types].map(([entityType, collectionCount]) => ({
      id: entityType,
      entityType,
      name: entityType,
      collectionCount,
    })),
  );
};

function toUsage(call: Call) {
  const { organization, world, nowMs } = call;
  const { minuteWindowMs, minuteWindow } = world.knobs;
  return {
    period: new Date(nowMs).toISOString().slice(0, 7),
    month: { used: readMonthUnits(organization, nowMs), limit: organization.plan.perMonth },
    minute: { used: organization.minute.used(nowMs, minuteWindowMs, minuteWindow), limit: organization.plan.perMinute },
  };
}

function toUserId(call: Call): string {
  return `user_${toUuid(`user|${call.organization.id}`).slice(0, 8)}`;
}
