import type { z } from "zod";
import { type ConfigPath, startsWith, valueAt } from "./config-path.ts";
import type { ReportProblem } from "./config-problem.ts";
import { fitInterpolated } from "./fit-interpolated.ts";
import type { Reference } from "./interpolate.ts";
import type { Redactor } from "./redactor.ts";
import { viewSchema } from "./schema-view.ts";
import { collectSecrets } from "./secrets.ts";
import { zodProblems } from "./zod-problems.ts";

/** How a program that knows the `runner` sections checks them; every other program passes them over. */
export interface RunnerSchemas {
  /** Of the section at the top. Checked even where the file has none: defaults are its own. */
  readonly config: z.ZodType;
  /** Of the section of a sync. */
  readonly syncConfig: z.ZodType;
  /**
   * What only this program can say of a sync, for `check`: its schedule, say; absent: nothing.
   * @param section the section at the top; undefined: it was not read, and its defaults will do.
   * @throws ConfigError when this program could not run it.
   */
  readonly checkSync?: (sync: RunnerSync, section: unknown, now: number) => void;
}

/** What a program with `runner` sections needs to know of a sync. */
export interface RunnerSync {
  readonly name: string;
  readonly schedule: string | null;
  /** By {@link RunnerSchemas.syncConfig}; undefined where there is none. */
  readonly runner: unknown;
}

export interface SectionContext {
  readonly root: unknown;
  readonly references: readonly Reference[];
  readonly redactor: Redactor;
  readonly report: ReportProblem;
  /** Whether a problem at this path comes from an environment variable that is not set: it is reported as such. */
  readonly isUnset: (path: ConfigPath) => boolean;
}

/** A section by its own schema; undefined where it does not fit: then that was reported. */
export function checkSection(schema: z.ZodType, start: ConfigPath, context: SectionContext): unknown {
  const { root, references, redactor, report, isUnset } = context;
  const view = viewSchema(schema);
  const own = references
    .filter((reference) => startsWith(reference.path, start))
    .map((reference) => ({ ...reference, path: reference.path.slice(start.length) }));
  const value = fitInterpolated(valueAt(root, start) ?? {}, own, view);
  redactor.add(collectSecrets(value, (path) => view.isSecret(path)));
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const problem of zodProblems(parsed.error.issues, value, view)) {
    const path = [...start, ...problem.path];
    if (!isUnset(path)) report({ ...problem, path });
  }
  return undefined;
}
