import { type Html, html, type Insert } from "./html.ts";
import { assetPath } from "./assets.ts";
import { exactInWords } from "./parts/time.ts";

/** What every page is made with. */
export interface Frame {
  readonly now: number;
  /** What forms carry against forgery. */
  readonly csrf: string;
  /** Somebody signed in, and can sign out. */
  readonly hasSession: boolean;
}

export interface PageContent {
  readonly title: string;
  readonly here: "syncs" | "quota" | null;
  readonly body: Html;
  /** Follows changes; null: a page that does not change, or that shows nothing of the syncs. */
  readonly live: boolean;
  /** Said to screen readers, now and as it changes. */
  readonly spoken?: string;
}

export function layout(frame: Frame, content: PageContent): Html {
  const { title, here, body, live } = content;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · runner</title>
<link rel="icon" href="${assetPath("icon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath("page.css")}">
<script src="${assetPath("page.js")}" defer></script>
</head>
<body${live && html` data-live-page`}>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
  <a class="brand" href="/"><svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M3 7h9a5 5 0 0 1 0 10H8" class="brand-line"/><path d="M11 13l-4 4 4 4" class="brand-line"/><circle cx="19" cy="7" r="2.2" class="brand-dot"/></svg> runner</a>
  ${here !== null || frame.hasSession ? navigation(here) : ""}
  ${frame.hasSession && html`<form method="post" action="/logout">${csrfField(frame)}<button class="plain">Sign out</button></form>`}
</header>
<main id="main" tabindex="-1">
${body}
</main>
<footer>
  ${live && html`<span class="liveness" id="liveness" data-live>As of <time datetime="${new Date(frame.now).toISOString()}">${exactInWords(frame.now)}</time>.</span> <span id="live-state"><noscript>Without JavaScript this page stays as it is until you <a href="">load it again</a>.</noscript></span>`}
  <span>All times are UTC.</span>
</footer>
${live && html`<p class="unseen" id="spoken" role="status" aria-live="polite" data-live>${content.spoken ?? ""}</p>`}
</body>
</html>`;
}

function navigation(here: PageContent["here"]): Html {
  const item = (name: string, href: string, isHere: boolean) =>
    html`<li><a href="${href}"${isHere && html` aria-current="page"`}>${name}</a></li>`;
  return html`<nav aria-label="Pages"><ul>${item("Syncs", "/", here === "syncs")}${item("Quota", "/quota", here === "quota")}</ul></nav>`;
}

export function csrfField({ csrf }: Frame): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

/** A form of one button. */
export function actionButton(frame: Frame, action: string, label: string, style: "main" | "other" | "danger"): Html {
  return html`<form method="post" action="${action}">${csrfField(frame)}<button class="${style}">${label}</button></form>`;
}

export function flash(text: string | null): Insert {
  return text !== null && html`<p class="flash" role="status">${text}</p>`;
}
