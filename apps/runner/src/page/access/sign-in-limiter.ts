import { pageLimits } from "../page-limits.ts";

/** Bounds how often somebody may be wrong. */
export interface SignInLimiter {
  /** How long this address has to wait before its credentials are looked at, in milliseconds; 0: not at all. */
  waitMs(address: string): number;
  failed(address: string): void;
  succeeded(address: string): void;
}

interface Failures {
  count: number;
  readonly untilMs: number;
}

/** Addresses that were right before are remembered, so that an attack from elsewhere does not shut them out. */
const MAX_KNOWN_ADDRESSES = 100;

/**
 * Windows of {@link pageLimits.signInWindowMs}, one for each address that failed and one for all. Memory is bounded by the limit
 * for all: within one window no more addresses than that can fail.
 */
export function createSignInLimiter(now: () => number): SignInLimiter {
  let ofAll: Failures = { count: 0, untilMs: 0 };
  const ofAddresses = new Map<string, Failures>();
  const knownAddresses = new Set<string>();

  const fresh = (): Failures => ({ count: 0, untilMs: now() + pageLimits.signInWindowMs });
  const left = (failures: Failures | undefined, most: number): number =>
    failures !== undefined && failures.count >= most ? Math.max(0, failures.untilMs - now()) : 0;

  return {
    waitMs(address) {
      const network = toNetwork(address);
      const own = left(ofAddresses.get(network), pageLimits.maxFailuresOfAddress);
      return knownAddresses.has(network) ? own : Math.max(own, left(ofAll, pageLimits.maxFailures));
    },
    failed(address) {
      const network = toNetwork(address);
      for (const [other, { untilMs }] of ofAddresses) if (untilMs <= now()) ofAddresses.delete(other);
      if (ofAll.untilMs <= now()) ofAll = fresh();
      const own = ofAddresses.get(network) ?? fresh();
      own.count += 1;
      ofAll.count += 1;
      ofAddresses.set(network, own);
    },
    succeeded(address) {
      const network = toNetwork(address);
      ofAddresses.delete(network);
      knownAddresses.delete(network);
      knownAddresses.add(network);
      for (const oldest of knownAddresses) if (knownAddresses.size > MAX_KNOWN_ADDRESSES) knownAddresses.delete(oldest);
    },
  };
}

/** One IPv6 customer has 2^64 addresses or more: the first four groups count as one. */
export function toNetwork(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("%", 1).join("").split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const all = tail === undefined ? groups : [...groups, ...zeros(8 - groups.length - rest.length), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

function zeros(count: number): string[] {
  return Array.from({ length: Math.max(0, count) }, () => "0");
}
