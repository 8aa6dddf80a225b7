import { formatCount, formatDuration, type Receipt, receiptDurationMs } from "@acme/sync-core";
import { type Html, html } from "../html.ts";
import { paths } from "../paths.ts";
import { flowStrip } from "./flow-bar.ts";
import { outcomeBadge } from "./outcome.ts";
import { prose } from "./prose.ts";
import { when } from "./time.ts";

export function runsTable(sync: string, runs: readonly Receipt[], now: number): Html {
  return html`<table class="cards runs">
<thead><tr><th scope="col">Started</th><th scope="col">Ended</th><th scope="col">What became of the rows</th><th scope="col" class="number">Read</th><th scope="col" class="number">Landed</th><th scope="col" class="number">Parked</th><th scope="col" class="number">Units</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>${runs.map((receipt) => row(sync, receipt, now))}</tbody>
</table>`;
}

function row(sync: string, receipt: Receipt, now: number): Html {
  const { rows, outcome, runId, message } = receipt;
  const parked = rows.parked + rows.refused;
  return html`<tr>
<th scope="row"><a href="${paths.run(sync, runId)}">${when(Date.parse(receipt.startedAt), now)}</a></th>
<td data-label="Ended">${outcomeBadge(outcome)}${outcome !== "done" && outcome !== "done-with-parked" && html`<span class="sub reason">${prose(message, 140)}</span>`}</td>
<td data-label="Rows" class="strip">${flowStrip(rows)}</td>
<td data-label="Read" class="number">${formatCount(rows.read)}</td>
<td data-label="Landed" class="number">${formatCount(rows.landed)}</td>
<td data-label="Parked" class="number">${parked === 0 ? html`<span class="quiet">0</span>` : html`<b class="warn-text">${formatCount(parked)}</b>`}</td>
<td data-label="Units" class="number">${formatCount(receipt.units)}</td>
<td data-label="Took" class="number">${formatDuration(receiptDurationMs(receipt))}</td>
</tr>`;
}
