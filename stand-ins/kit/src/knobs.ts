import { isFields } from "./fields.ts";

/** A fixed duration, or a range from which each use draws its own with the seeded generator. */
export type DelayMs = number | { readonly minMs: number; readonly maxMs: number };

type KnobType = "number" | "string" | "delay" | "number or null" | "string or null" | "delay or null";

export interface KnobRules<Knobs> {
  /** Says which knobs there are, and of what type their values are unless `types` says more. */
  readonly defaults: Readonly<Knobs>;
  /** For knobs that take one of a few values. */
  readonly choices: Readonly<Partial<Record<keyof Knobs, readonly unknown[]>>>;
  /** For knobs whose default does not show what they take. */
  readonly types: Readonly<Partial<Record<keyof Knobs, KnobType>>>;
}

/**
 * The knobs among the members of `options`; other members are ignored.
 * Throws RangeError for a value of the wrong type or not among a knob's choices.
 */
export function readKnobs<Knobs extends object>(
  options: object,
  { defaults, choices, types }: KnobRules<Knobs>,
): Record<string, unknown> {
  const isKnob = (name: string): name is keyof Knobs & string => Object.hasOwn(defaults, name);
  const picked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!isKnob(name) || value === undefined) continue;
    const allowed = choices[name];
    if (allowed !== undefined && !allowed.includes(value)) {
      throw new RangeError(`Knob ${name} takes one of ${allowed.join(", ")}, not ${String(value)}`);
    }
    const type = types[name] ?? typeof defaults[name];
    if (!fits(value, type)) throw new RangeError(`Knob ${name} takes a ${type}, not ${JSON.stringify(value)}`);
    picked[name] = value;
  }
  return picked;
}

/** A delay drawn from `delay` with `random`. */
export function drawDelayMs(delay: DelayMs, random: () => number): number {
  if (typeof delay === "number") return delay;
  return Math.floor(delay.minMs + random() * (delay.maxMs - delay.minMs + 1));
}

function fits(value: unknown, type: string): boolean {
  if (value === null) return type.endsWith(" or null");
  const plain = type.replace(" or null", "");
  return plain === "delay" ? typeof value === "number" || isRange(value) : typeof value === plain;
}

function isRange(value: unknown): boolean {
  return isFields(value) && typeof value["minMs"] === "number" && typeof value["maxMs"] === "number";
}
