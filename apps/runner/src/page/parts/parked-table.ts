import { formatCount, type StoredParkedRow } from "@acme/sync-core";
import { type Html, html } from "../html.ts";
import { paths } from "../paths.ts";
import { cutText } from "../visible-text.ts";
import { prose } from "./prose.ts";
import { LONGEST_KEY } from "./record-card.ts";
import { when } from "./time.ts";

const LONGEST_SHOWN = 120;
const LONGEST_REASON = 500;

export function parkedTable(sync: string, parked: readonly StoredParkedRow[], inAll: number, now: number): Html {
  return html`${reasons(parked)}
<table class="cards parked-rows">
<thead><tr><th scope="col">Key</th><th scope="col">Why</th><th scope="col">Since</th><th scope="col">Last tried</th></tr></thead>
<tbody>${parked.map(
    ({ key, code, reason, firstAt, lastAt }) => html`<tr>
<th scope="row">${named(sync, key)}</th>
<td data-label="Why"><span>${prose(reason, LONGEST_REASON)} <code class="code">${cutText(code, 60)}</code></span></td>
<td data-label="Since">${when(firstAt, now)}</td>
<td data-label="Last tried">${when(lastAt, now)}</td>
</tr>`,
  )}</tbody>
</table>
${inAll > parked.length && html`<p class="quiet">${formatCount(parked.length)} of ${formatCount(inAll)}, oldest first.</p>`}`;
}

/** A link to what is known of it, where it is short enough to be asked about. */
function named(sync: string, key: string): Html {
  const name = html`<bdi class="mono">${key === "" ? "(empty)" : cutText(key, LONGEST_SHOWN)}</bdi>`;
  return key.length > LONGEST_KEY ? name : html`<a href="${paths.record(sync, key)}">${name}</a>`;
}

/** How many for which reason, where there is more than one. */
function reasons(parked: readonly StoredParkedRow[]): Html {
  const counts = new Map<string, number>();
  for (const { code } of parked) counts.set(code, (counts.get(code) ?? 0) + 1);
  if (counts.size < 2) return html``;
  const sorted = [...counts].toSorted(([, left], [, right]) => right - left).slice(0, 8);
  return html`<ul class="reasons">${sorted.map(([code, count]) => html`<li><b>${formatCount(count)}</b> <code class="code">${cutText(code, 60)}</code></li>`)}</ul>`;
}
