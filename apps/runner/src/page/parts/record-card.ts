import type { StoredParkedRow } from "@acme/sync-core";
import type { RecordAnswer, SyncView } from "../../contracts/runner-view.ts";
import { exactly, type Html, html } from "../html.ts";
import { paths } from "../paths.ts";
import type { Level } from "../standing.ts";
import { cutText } from "../visible-text.ts";
import { icon } from "./icon.ts";
import { prose } from "./prose.ts";
import { when, whenExactly } from "./time.ts";

/** Longer keys are not asked about. */
export const LONGEST_KEY = 1000;

/** "Is record KEY in, and if not, why": the question, and its answer. @param asked answer null: the key was too long to ask. */
export function recordCard(
  sync: SyncView,
  asked: { readonly key: string; readonly answer: RecordAnswer | null } | null,
  now: number,
): Html {
  return html`<section class="card" id="record" aria-labelledby="record-title">
<h2 id="record-title">Is a record in?</h2>
<form method="get" action="${paths.sync(sync.name)}#record" class="ask">
  <label for="key">Key of the row, as the source has it</label>
  <div class="ask-line"><input id="key" name="key" value="${exactly(asked?.key ?? "")}" maxlength="${LONGEST_KEY}" required autocomplete="off" autocapitalize="off" spellcheck="false"><button class="main">Ask</button></div>
</form>
${asked !== null && html`<div id="answer" role="status" data-live>${answerInWords(sync, asked, now)}</div>`}
</section>`;
}

function answerInWords(
  sync: SyncView,
  { key, answer }: { readonly key: string; readonly answer: RecordAnswer | null },
  now: number,
): Html {
  const named = html`<bdi class="record-key">${key === "" ? "(empty)" : cutText(key, 300)}</bdi>`;
  if (answer === null) return verdict("off", "No key is that long.", html`${named} was not looked for.`);
  switch (answer.state) {
    case "in":
      return verdict(
        "good",
        "Yes, it is in.",
        html`The newest version of ${named} that was read has landed.${sync.freshAt !== null && html` What was changed after ${whenExactly(sync.freshAt, now)} is not read yet.`}`,
      );
    case "parked":
      return verdict("bad", "No: it is parked.", html`${named} never landed. ${why(answer.parked, now)}`);
    case "outdated":
      return verdict(
        "warn",
        "Only an older version is in.",
        html`The newest version of ${named} is parked. ${why(answer.parked, now)}`,
      );
    case "under-way":
      return verdict("off", "Not yet.", html`${named} was sent, and is not known to have landed.`);
    case "unknown":
      return verdict(
        "off",
        "This sync does not know it.",
        html`${named} was never read under that key, or is left out by <code>where</code>. Keys are compared letter by letter.`,
      );
  }
}

function why({ reason, code, firstAt, lastAt }: StoredParkedRow, now: number): Html {
  return html`<span class="why">${prose(reason, 2000)} <code class="code">${cutText(code, 60)}</code></span> Parked since ${when(firstAt, now)}, last tried ${when(lastAt, now)}.`;
}

function verdict(level: Level, headline: string, rest: Html): Html {
  return html`<div class="standing standing-${level}">${icon(level)}<div><p class="headline">${headline}</p><p class="reason">${rest}</p></div></div>`;
}
