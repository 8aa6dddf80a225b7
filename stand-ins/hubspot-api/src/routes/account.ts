import type { Call } from "../call.ts";
import { msToMidnight } from "../limits/day-counter.ts";
import { toDailyLimit } from "../limits/limiter.ts";
import { type Reply, toReply } from "../reply.ts";

/** GET /account-info/v3/details. */
export function readAccount(call: Call): Reply {
  call.rows = 1;
  return toReply({
    portalId: call.portal.facts.portalId,
    accountType: "STANDARD",
    timeZone: call.knobs.timeZone,
    companyCurrency: "EUR",
    additionalCurrencies: [],
    utcOffset: "+00:00",
    utcOffsetMilliseconds: 0,
    uiDomain: "app.hubspot.com",
    dataHostingLocation: "eu1",
  });
}

/** GET /account-info/v3/api-usage/daily/private-apps. */
export function readDailyUsage(call: Call): Reply {
  call.rows = 1;
  return toReply({
    results: [
      {
        name: "private-apps-api-calls-daily",
        usageLimit: toDailyLimit(call.knobs),
        currentUsage: call.world.limiter.usedToday(call.knobs, call.nowMs),
        collectedAt: new Date(call.nowMs).toISOString(),
        fetchStatus: "SUCCESS",
        resetsAt: new Date(call.nowMs + msToMidnight(call.nowMs, call.knobs.timeZone)).toISOString(),
      },
    ],
  });
}
