import { toIsoMicros } from "@acme/sql-source";
import type { Kind, ValueType } from "./values.ts";

/** What kind of window a cursor column allows. */
export type CursorKind = "timestamp" | "datetime" | "date" | "value";

const CURSOR_KINDS: Partial<Record<Kind, CursorKind>> = {
  timestamp: "timestamp",
  datetime: "datetime",
  date: "date",
  integer: "value",
  bigint: "value",
  decimal: "value",
  float: "value",
  double: "value",
};

/** What a column can do as a cursor; null: it cannot be one. */
export function toCursorKind({ kind, collation }: ValueType): CursorKind | null {
  // A generator may hand out texts in rising order; how they are compared has to be known.
  if (kind === "text") return collation === null ? null : "value";
  return CURSOR_KINDS[kind] ?? null;
}

/** How well a type serves as a cursor. Whole numbers count only when their name speaks for them, other values not at all. */
export function toCursorRank({ kind }: ValueType): number | null {
  const ranks: Partial<Record<Kind, number>> = { timestamp: 30, datetime: 20, date: 0, integer: -1, bigint: -1 };
  return ranks[kind] ?? null;
}

const HOUR_MICROS = 3_600_000_000n;
const MINUTE_MICROS = 60_000_000n;

/** How far the wall clock of a zone is ahead of UTC at a moment, both in microseconds. */
export type ZoneOffset = (micros: bigint) => bigint;

/**
 * The offset of `+01:00` or a zone of the IANA database. Computed here: a server need not have its table of zones filled.
 * @returns null when there is no such zone.
 */
export function toZoneOffset(zone: string): ZoneOffset | null {
  const fixed = /^([+-])(\d{1,2}):(\d{2})$/.exec(zone);
  if (fixed !== null) {
    const minutes = BigInt(fixed[2] ?? "0") * 60n + BigInt(fixed[3] ?? "0");
    const offset = (fixed[1] === "-" ? -minutes : minutes) * MINUTE_MICROS;
    return () => offset;
  }
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  } catch {
    return null;
  }
  return (micros) => {
    const parts = format.formatToParts(Number(micros / 1000n));
    const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    const match = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name);
    if (match === null) return 0n;
    const minutes = BigInt(match[2] ?? "0") * 60n + BigInt(match[3] ?? "0");
    return (match[1] === "-" ? -minutes : minutes) * MINUTE_MICROS;
  };
}

/** The moments whose offsets {@link toWallClockBound} needs. */
export function boundMoments(micros: bigint): readonly bigint[] {
  return [micros, micros + HOUR_MICROS];
}

/**
 * A moment as a zone's wall clock shows it, held back an hour while that clock is about to be set back by one.
 * @param offsets those at {@link boundMoments}.
 */
export function toWallClockBound(micros: bigint, offsets: readonly bigint[]): bigint {
  return micros + offsets.reduce((least, each) => (each < least ? each : least));
}

/** `2024-01-01 12:00:00.123456`, or the date alone, of microseconds since the epoch by whichever clock. */
export function toDatetimeText(micros: bigint, kind: Exclude<CursorKind, "value">): string {
  const iso = toIsoMicros(micros);
  return kind === "date" ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, -1)}`;
}
