/** The plan names the stand-in knows; `unlimited` is an invention for benchmarks. */
export type PlanName = "free" | "starter" | "pro" | "enterprise" | "unlimited";

/** A plan by name, or one with its own figures; what is left out comes from the standard column. */
export type PlanSeed = PlanName | CustomPlan;

export interface CustomPlan {
  readonly id?: string;
  readonly name?: string;
  readonly perMinute: number;
  readonly perMonth: number;
  readonly maxRowsPerBatch?: number;
  readonly maxBodyBytes?: number;
  readonly maxConcurrent?: number;
}

export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly features: readonly string[];
  readonly perMinute: number;
  readonly perMonth: number;
  readonly maxRowsPerBatch: number;
  readonly maxBodyBytes: number;
  readonly maxConcurrent: number;
}

const MEGABYTE = 1024 * 1024;
const standard = { maxRowsPerBatch: 500, maxBodyBytes: 10 * MEGABYTE, maxConcurrent: 5, features: ["memory"] };
const enterprise = {
  maxRowsPerBatch: 5000,
  maxBodyBytes: 50 * MEGABYTE,
  maxConcurrent: 20,
  features: ["memory", "priority-support"],
};

/** Seed table of section 12 of the reference, with the limits of its own columns. */
const presets: Readonly<Record<PlanName, Plan>> = {
  free: preset("free", "Free", 60, 10_000, standard),
  starter: preset("starter", "Starter", 120, 50_000, standard),
  pro: preset("pro", "Pro", 300, 250_000, standard),
  enterprise: preset("enterprise", "Enterprise", 1000, 2_000_000, enterprise),
  unlimited: preset("unlimited", "Unlimited", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, {
    ...enterprise,
    maxConcurrent: 1000,
  }),
};

export const planNames: readonly PlanName[] = ["free", "starter", "pro", "enterprise", "unlimited"];

export function isPlanName(value: unknown): value is PlanName {
  return typeof value === "string" && planNames.some((name) => name === value);
}

/** The full plan behind a seed. */
export function toPlan(seed: PlanSeed): Plan {
  if (typeof seed === "string") return presets[seed];
  return {
    id: seed.id ?? "custom",
    name: seed.name ?? "Custom",
    description: "Custom plan",
    features: standard.features,
    perMinute: seed.perMinute,
    perMonth: seed.perMonth,
    maxRowsPerBatch: seed.maxRowsPerBatch ?? standard.maxRowsPerBatch,
    maxBodyBytes: seed.maxBodyBytes ?? standard.maxBodyBytes,
    maxConcurrent: seed.maxConcurrent ?? standard.maxConcurrent,
  };
}

function preset(
  id: PlanName,
  name: string,
  perMinute: number,
  perMonth: number,
  sizes: Pick<Plan, "maxRowsPerBatch" | "maxBodyBytes" | "maxConcurrent" | "features">,
): Plan {
  return { id, name, description: `${name} plan`, perMinute, perMonth, ...sizes };
}
