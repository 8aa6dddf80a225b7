import { formatCount, formatShare, type RowCounts } from "@acme/sync-core";
import { type FlowKind, flowOf, type FlowSum, widthsOf } from "../flow.ts";
import { type Html, html, joined } from "../html.ts";

const NAMES: Readonly<Record<FlowKind, readonly [name: string, meaning: string]>> = {
  unchanged: ["unchanged", "as they landed before; nothing to send"],
  filtered: ["filtered", "left out by `where`"],
  superseded: ["superseded", "a later row of the same page wrote the same record"],
  parked: ["parked", "cannot be sent as they are; see their reasons"],
  unsent: ["unsent", "changed, but the run ended first; the next one reads them again"],
  sent: ["sent", "changed, and handed over"],
  landed: ["landed", "in the memory, by its own word"],
  refused: ["refused", "sent back; parked since"],
  unsettled: ["not settled", "sent, and not known to have landed yet"],
};

const WIDTH = 1000;
const NARROWEST = 6;
const GAP = 2;

/** The two sums of a run drawn, and written out so that anybody can add them up. */
export function flowFigure(rows: RowCounts, isOver: boolean): Html {
  const flow = flowOf(rows);
  return html`<figure class="flow">
    ${flowPicture(rows)}
    ${equation("read", flow.read, isOver)}
    ${flow.sent.total > 0 && equation("sent", flow.sent, isOver)}
    <ul class="legend">
      ${[...flow.read.parts, ...flow.sent.parts]
        .filter(({ count }) => count > 0)
        .map(
          ({ kind }) => html`<li><span class="key flow-${kind}"></span><b>${NAMES[kind][0]}</b> ${NAMES[kind][1]}</li>`,
        )}
    </ul>
    ${rows.deleted > 0 && html`<p class="quiet">${formatCount(rows.deleted)} deleted, since their rows are gone at the source. Not part of the rows read.</p>`}
  </figure>`;
}

/** Rows read on top; what was sent widens into what became of it below. */
function flowPicture(rows: RowCounts): Html {
  const { read, sent } = flowOf(rows);
  if (read.total === 0) return html`<p class="quiet">No rows were read.</p>`;
  const top = segments(read, 0);
  const bottom = segments(sent, 46);
  const source = top.find(({ kind }) => kind === "sent");
  return html`<svg class="flow-picture" viewBox="0 0 ${WIDTH} ${sent.total > 0 ? 66 : 20}" preserveAspectRatio="none" role="img" aria-label="${spoken(read, "read")}${sent.total > 0 && `; ${spoken(sent, "sent")}`}">
    ${source !== undefined && html`<path class="flow-widening" d="M${source.x} 20H${source.x + source.width}L${WIDTH} 46H0z"/>`}
    ${[...top, ...bottom].map(
      ({ kind, x, y, width, count }) =>
        html`<rect class="flow-${kind}" x="${x}" y="${y}" width="${width}" height="20"><title>${formatCount(count)} ${NAMES[kind][0]}</title></rect>`,
    )}
  </svg>`;
}

interface Segment {
  readonly kind: FlowKind;
  readonly count: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function segments(sum: FlowSum, y: number): readonly Segment[] {
  const parts = sum.parts.filter(({ count }) => count > 0);
  const room = WIDTH - GAP * Math.max(0, parts.length - 1);
  const widths = widthsOf(
    parts.map(({ count }) => count),
    room,
    NARROWEST,
  );
  let x = 0;
  return parts.map(({ kind, count }, index) => {
    const width = round(widths[index] ?? 0);
    const segment = { kind, count, x: round(x), y, width };
    x += width + GAP;
    return segment;
  });
}

function equation(name: "read" | "sent", sum: FlowSum, isOver: boolean): Html {
  const parts = sum.parts.filter(({ count, kind }) => count > 0 || kind === "landed" || kind === "unchanged");
  return html`<p class="equation"><span class="total"><b>${formatCount(sum.total)}</b> ${name}</span> <span class="sign">=</span> ${joined(
    parts.map(
      ({ kind, count }) =>
        html`<span class="term"><span class="key flow-${kind}"></span><b>${formatCount(count)}</b> ${NAMES[kind][0]}${sum.total > 0 && html` <span class="exact">${formatShare(count / sum.total)}</span>`}</span>`,
    ),
    " + ",
  )} ${verdict(sum, isOver)}</p>`;
}

function verdict({ difference }: FlowSum, isOver: boolean): Html {
  if (difference === 0) return html`<span class="chip chip-good">adds up</span>`;
  const missing = `${formatCount(Math.abs(difference))} ${difference > 0 ? "not accounted for" : "too many"}`;
  return isOver
    ? html`<span class="chip chip-bad">does not add up: ${missing}</span>`
    : html`<span class="chip">${missing} yet</span>`;
}

function spoken(sum: FlowSum, name: string): string {
  const parts = sum.parts
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${formatCount(count)} ${NAMES[kind][0]}`);
  return `${formatCount(sum.total)} ${name}: ${parts.join(", ") || "nothing"}`;
}

/** The same small, for a row of a table. */
export function flowStrip(rows: RowCounts): Html {
  const { read, sent } = flowOf(rows);
  const parts = segments({ ...read, parts: [...read.parts.filter(({ kind }) => kind !== "sent"), ...sent.parts] }, 0);
  return html`<svg class="flow-strip" viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" aria-hidden="true">${parts.length === 0 && html`<rect class="flow-none" x="0" y="0" width="${WIDTH}" height="20"/>`}${parts.map(
    ({ kind, x, width, count }) =>
      html`<rect class="flow-${kind}" x="${x}" y="0" width="${width}" height="20"><title>${formatCount(count)} ${NAMES[kind][0]}</title></rect>`,
  )}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
