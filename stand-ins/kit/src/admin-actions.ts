import { type Fields, numberField } from "./fields.ts";
import { requireNumber } from "./pick-fields.ts";
import type { Steering } from "./steering.ts";

/** What one admin route does with its JSON body; answers the result. */
export type Action = (body: Fields) => unknown;
export type Actions = Readonly<Record<string, Action>>;

const PAGE_SIZE = 1000;

/** One page of a list; `nextOffset` is null on the last one. */
export function toPage(body: Fields, read: (page: { offset: number; limit: number }) => readonly unknown[]) {
  const offset = numberField(body, "offset") ?? 0;
  const limit = Math.min(numberField(body, "limit") ?? PAGE_SIZE, PAGE_SIZE);
  const items = read({ offset, limit: limit + 1 });
  const more = items.length > limit;
  return { items: items.slice(0, limit), nextOffset: more ? offset + limit : null };
}

/** The routes of what every Control has. `toFault` reads a fault from JSON. */
export function steeringActions<Fault>(
  control: Steering<Fields, Fault> & { reset(): void },
  toFault: (body: Fields) => Fault,
): Actions {
  return {
    now: () => control.now(),
    "set-clock-offset": (body) => control.setClockOffset(requireNumber(body, "offsetMs")),
    "advance-clock": (body) => control.advanceClock(requireNumber(body, "durationMs")),
    "add-fault": (body) => control.addFault(toFault(body)),
    "remove-fault": (body) => control.removeFault(requireNumber(body, "id")),
    "clear-faults": () => control.clearFaults(),
    faults: () => control.faults(),
    knobs: () => control.knobs(),
    "set-knobs": (body) => control.setKnobs(body),
    reset: () => control.reset(),
  };
}
