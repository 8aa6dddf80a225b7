/** What every stand-in's command line may say. */
export interface ProgramLine<Options> {
  readonly help: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly options: Options;
}

/** The same, for `parseArgs`. */
export const programFlags = {
  quiet: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** A whole number from 0 on. Throws RangeError for anything else. */
export function toWhole(name: string, text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isInteger(value) || value < 0) {
    throw new RangeError(`--${name} takes a whole number, not ${text}`);
  }
  return value;
}

/** A number from 0 to 1. Throws RangeError for anything else. */
export function toShare(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new RangeError(`--${name} takes a number from 0 to 1, not ${text}`);
  return value;
}
