import { indent } from "./human-format.ts";
import type { Style } from "./style.ts";

/** A finding of a source or a check; `error`: the sync cannot run like this. */
export interface CommandFinding {
  readonly level: "ok" | "warning" | "error";
  readonly message: string;
  readonly hint: string | null;
}

/** `✓`, `!` or `✗` in front of each, with `→` what to do. */
export function renderFindings(findings: readonly CommandFinding[], style: Style): string {
  const marks = { ok: style.green("✓"), warning: style.yellow("!"), error: style.red("✗") };
  return findings
    .map((finding) => {
      const message = indent(finding.message, 2).trimStart();
      const hint = finding.hint === null ? "" : `\n  ${style.cyan("→")} ${indent(finding.hint, 4).trimStart()}`;
      return `${marks[finding.level]} ${message}${hint}`;
    })
    .join("\n");
}
