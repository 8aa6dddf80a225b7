import { ConfigError } from "../contracts/errors.ts";
import { type ConfigPath, startsWith, valueAt } from "./config-path.ts";
import type { ConfigProblem } from "./config-problem.ts";
import type { Environment, Reference } from "./interpolate.ts";

const SECRET_KEY_VARIABLE = "PERSONIZE_SECRET_KEY";

/** The key of the file, unless its variable is unset; else the environment's. */
export function findSecretKey(root: unknown, unset: readonly Reference[], env: Environment): string | null {
  const written = valueAt(root, ["personize", "secretKey"]);
  const isUnset = unset.some((reference) => startsWith(reference.path, ["personize", "secretKey"]));
  if (typeof written === "string" && written.trim() !== "" && !isUnset) return written.trim();
  const fallback = env[SECRET_KEY_VARIABLE]?.trim();
  return fallback === undefined || fallback === "" ? null : fallback;
}

export function missingKey(unset: readonly Reference[]): Omit<ConfigProblem, "line"> {
  const path: ConfigPath = ["personize", "secretKey"];
  const blamed = unset.find((reference) => startsWith(reference.path, path));
  const named = blamed?.variable ?? null;
  const because =
    named === null || named === SECRET_KEY_VARIABLE
      ? `${SECRET_KEY_VARIABLE} is not set`
      : `neither ${named} nor ${SECRET_KEY_VARIABLE} is set`;
  return { path, message: `there is no Personize secret key: ${because}, and the file names none`, hint: KEY_HINT };
}

const KEY_HINT = `Set the environment variable ${SECRET_KEY_VARIABLE} (or a line in the file .env beside the configuration), or personize.secretKey.`;

/** The error for a command that turns out to need the key although it could start without one. */
export function missingSecretKey(): ConfigError {
  return new ConfigError(
    `there is no Personize secret key: personize.secretKey is not set, nor is ${SECRET_KEY_VARIABLE}`,
    {
      hint: KEY_HINT,
    },
  );
}
