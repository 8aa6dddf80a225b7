import type { Connector } from "../contracts/connector.ts";
import { didYouMean, suggestion } from "../mapping/did-you-mean.ts";
import { valueAt } from "./config-path.ts";
import type { ReportProblem } from "./config-problem.ts";
import { isPlainObject } from "./plain-object.ts";

const ONLY_HINT = "Name syncs of the configuration behind --only, or leave it out to work on all of them.";

export interface SelectOptions {
  readonly connectors: readonly Connector[];
  /** `--only`; null: every sync of these connectors. */
  readonly only: readonly string[] | null;
  /** Handed in by the program that is meant to run every sync of the file: then a connector that it does not have is a problem. */
  readonly runner?: unknown;
}

export type Selection = readonly { readonly name: string; readonly connector: Connector }[];

/** The syncs of this program's connectors, as far as `--only` wants them. Works on a file that is wrong elsewhere. */
export function selectSyncs(root: unknown, options: SelectOptions, report: ReportProblem): Selection {
  const entries = Object.entries(asObject(valueAt(root, ["syncs"])));
  if (entries.length === 0) return [];
  const known = options.connectors.map((connector) => connector.name);
  const mine: { name: string; connector: Connector }[] = [];
  const others = new Map<string, string>();
  let misspelt = false;
  for (const [name, entry] of entries) {
    const wanted = asObject(entry)["connector"];
    if (typeof wanted !== "string") continue;
    const connector = options.connectors.find((candidate) => candidate.name === wanted);
    if (connector !== undefined) {
      mine.push({ name, connector });
      continue;
    }
    others.set(name, wanted);
    const close = didYouMean(wanted, known);
    if (close !== null || (options.runner !== undefined && options.only === null)) {
      misspelt = true;
      report({
        path: ["syncs", name, "connector"],
        message: `unknown connector. ${close === null ? `This program has ${quoteAll(known)}` : `Did you mean "${close}"?`}`,
        hint: null,
      });
    }
  }

  for (const name of options.only ?? []) {
    const other = others.get(name);
    if (other !== undefined) {
      report({
        path: [],
        message: `--only ${name}: this sync uses the connector "${other}"; this program has ${quoteAll(known)}`,
        hint: "Run it with the program of its connector.",
      });
    } else if (!mine.some((sync) => sync.name === name)) {
      const advice = suggestion(
        name,
        mine.map((sync) => sync.name),
      );
      report({ path: [], message: `--only ${name}: there is no such sync. ${advice}`, hint: ONLY_HINT });
    }
  }
  if (mine.length === 0 && others.size > 0 && !misspelt) {
    report({
      path: ["syncs"],
      message: `no sync uses ${quoteAll(known)}; configured are ${quoteAll([...new Set(others.values())])}`,
      hint: `Add a sync with connector: ${known[0] ?? "…"}, or run the program of the connector that is configured.`,
    });
  }
  const only = options.only;
  return only === null ? mine : mine.filter((sync) => only.includes(sync.name));
}

function asObject(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
