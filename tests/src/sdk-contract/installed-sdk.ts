import { readFileSync, realpathSync } from "node:fs";
import { findPackageJSON } from "node:module";

export interface InstalledSdk {
  readonly manifestPath: string;
  readonly version: string;
  /** True for the workspace's own stand-in, false for the vendor's package. */
  readonly standIn: boolean;
}

/** The `@personize/sdk` that a module at `base` gets. */
export function installedSdk(base: string = import.meta.url): InstalledSdk {
  const found = findPackageJSON("@personize/sdk", base);
  if (found === undefined) throw new Error("@personize/sdk is not installed");
  const manifestPath = realpathSync(found);
  const manifest: { version: string; acme?: { standIn?: boolean } } = JSON.parse(readFileSync(manifestPath, "utf8"));
  return { manifestPath, version: manifest.version, standIn: manifest.acme?.standIn === true };
}

export function describeSdk({ version, standIn }: InstalledSdk): string {
  return `@personize/sdk ${version} (${standIn ? "the workspace's stand-in" : "the vendor's package"})`;
}
