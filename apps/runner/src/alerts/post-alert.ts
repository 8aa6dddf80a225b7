import type { Alert, Runtime } from "@acme/sync-core";

export interface Told {
  readonly event: "raised" | "cleared";
  readonly alert: Alert;
}

export interface PostOptions {
  readonly url: string;
  readonly format: "json" | "slack";
  readonly fetch: typeof globalThis.fetch;
  readonly runtime: Runtime;
  /** Aborted: what was not told yet is told later. */
  readonly signal: AbortSignal;
}

const MAX_TRIES = 4;
const FIRST_WAIT_MS = 1000;
const TIMEOUT_MS = 10_000;

/**
 * Tells one change of state to a webhook, in a few tries.
 * @throws Error when it was not taken; the message holds no part of the URL, which is a secret.
 */
export async function postAlert(told: Told, options: PostOptions): Promise<void> {
  const { url, format, fetch, runtime, signal } = options;
  const body = JSON.stringify(format === "slack" ? toSlack(told) : toJson(told));
  for (let tries = 1; ; tries += 1) {
    const problem = await post();
    if (problem === null) return;
    if (!problem.isPassing || tries >= MAX_TRIES) throw new Error(`the alert webhook ${problem.text}`);
    const waitMs = FIRST_WAIT_MS * 2 ** (tries - 1);
    await runtime.sleep(waitMs / 2 + (waitMs / 2) * runtime.random(), signal);
  }

  async function post(): Promise<{ readonly isPassing: boolean; readonly text: string } | null> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      if (response.ok) return null;
      const isPassing = response.status === 429 || response.status >= 500;
      return { isPassing, text: `answered ${response.status}` };
    } catch {
      signal.throwIfAborted();
      return { isPassing: true, text: "could not be reached" };
    }
  }
}

/** What is posted with `format: json`. */
export function toJson({ event, alert }: Told): Readonly<Record<string, unknown>> {
  return {
    event,
    sync: alert.sync === "" ? null : alert.sync,
    kind: alert.kind,
    text: alert.text,
    raisedAt: new Date(alert.raisedAt).toISOString(),
  };
}

/** What is posted with `format: slack`. Names and texts are not to be taken for Slack's own markup. */
export function toSlack({ event, alert }: Told): { readonly text: string } {
  const escaped = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const name = alert.sync === "" ? "All syncs" : alert.sync;
  const mark = event === "raised" ? ":warning:" : ":white_check_mark:";
  const said = event === "raised" ? alert.text : `right again (${alert.kind}): ${alert.text}`;
  return { text: `${mark} *${escaped(name)}*: ${escaped(said)}` };
}
