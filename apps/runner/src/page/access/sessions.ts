import { createHash } from "node:crypto";
import { pageLimits } from "../page-limits.ts";

/** Who has signed in. Kept in memory: a restart signs everybody out. */
export interface Sessions {
  /** Begins a session under a fresh id of 256 random bits; the oldest one gives way when there are too many. */
  begin(): string;
  /** Expired ones are none. */
  has(id: string): boolean;
  end(id: string): void;
}

export interface SessionParts {
  readonly now: () => number;
  /** As many bytes of cryptographic randomness. */
  readonly random: (bytes: number) => Uint8Array;
}

export function createSessions({ now, random }: SessionParts): Sessions {
  // In the order of beginning, which is also the order of ending. By digest: looking one up says nothing about the others.
  const endsAt = new Map<string, number>();

  return {
    begin() {
      for (const [key, at] of endsAt) if (at <= now() || endsAt.size >= pageLimits.maxSessions) endsAt.delete(key);
      const id = randomId(random);
      endsAt.set(digest(id), now() + pageLimits.sessionMs);
      return id;
    },
    has: (id) => (endsAt.get(digest(id)) ?? 0) > now(),
    end: (id) => void endsAt.delete(digest(id)),
  };
}

const ID_BYTES = 32;

export function randomId(random: SessionParts["random"]): string {
  return Buffer.from(random(ID_BYTES)).toString("base64url");
}

/** Whether a cookie has the shape of a {@link randomId}; nothing else is looked at any further. */
export function isId(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text);
}

function digest(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}
