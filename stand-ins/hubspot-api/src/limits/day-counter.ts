const formats = new Map<string, Intl.DateTimeFormat>();
const HOUR_MS = 3_600_000;

/** Calls since midnight in the account's time zone. */
export class DayCounter {
  #day = "";
  #untilMs = 0;
  #fromMs = 0;
  #zone = "";
  #calls = 0;

  used(nowMs: number, timeZone: string): number {
    this.#turn(nowMs, timeZone);
    return this.#calls;
  }

  add(nowMs: number, timeZone: string): void {
    this.#turn(nowMs, timeZone);
    this.#calls += 1;
  }

  set(calls: number, nowMs: number, timeZone: string): void {
    this.#turn(nowMs, timeZone);
    this.#calls = calls;
  }

  #turn(nowMs: number, timeZone: string): void {
    if (nowMs >= this.#fromMs && nowMs < this.#untilMs && timeZone === this.#zone) return;
    const { year, month, day } = readParts(nowMs, timeZone);
    const text = `${year}-${month}-${day}`;
    if (text !== this.#day) this.#calls = 0;
    this.#day = text;
    this.#zone = timeZone;
    this.#fromMs = nowMs;
    this.#untilMs = nowMs + msToMidnight(nowMs, timeZone);
  }
}

/** Time until the clock on the wall shows midnight; an hour off on the day the clocks change. */
export function msToMidnight(nowMs: number, timeZone: string): number {
  const { hour, minute, second } = readParts(nowMs, timeZone);
  const passedMs = Number(hour) * HOUR_MS + Number(minute) * 60_000 + Number(second) * 1000 + (nowMs % 1000);
  return 24 * HOUR_MS - passedMs;
}

function readParts(nowMs: number, timeZone: string): Readonly<Record<string, string>> {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  formats.set(timeZone, format);
  return Object.fromEntries(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
}
