/** How thrown errors look. An extension of the stand-in: the real package throws what its version throws. */
export type ErrorShape =
  /** Satisfies every documented reader at once. */
  | "all"
  /** The seed's era: the plain axios error, with `response` and without `status` of its own making. */
  | "axios"
  /** 0.17 and later: `status`, `method`, `endpoint`, and the axios error on `cause`; nothing else. */
  | "wrapped";

export interface PersonizeConfig {
  secretKey: string;
  /** Default `https://agent.personize.ai`. */
  baseURL?: string;
  /** Milliseconds; default 30000. */
  timeout?: number;
  /** Tries after the first one, on 429 and 5xx; default 3. */
  maxRetries?: number;
  /** Milliseconds before the first retry, doubled each time; default 1000. */
  retryDelay?: number;
  /** Extension of the stand-in; default "all". */
  errorShape?: ErrorShape;
}

export type ResolvedConfig = Required<PersonizeConfig>;

/** Fills in the documented defaults. Reads nothing but its argument. Throws Error without a secret key. */
export function resolveConfig(config: PersonizeConfig): ResolvedConfig {
  if (typeof config?.secretKey !== "string" || config.secretKey === "") throw new Error("secretKey is required");
  return {
    secretKey: config.secretKey,
    baseURL: config.baseURL ?? "https://agent.personize.ai",
    timeout: config.timeout ?? 30_000,
    maxRetries: config.maxRetries ?? 3,
    retryDelay: config.retryDelay ?? 1000,
    errorShape: config.errorShape ?? "all",
  };
}
