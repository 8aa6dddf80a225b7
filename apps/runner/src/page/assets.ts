import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Asset {
  readonly type: string;
  readonly body: string;
}

/** Everything that is served as a file. Read once, by these names only: no path of a request ever reaches the disk. */
const assets: ReadonlyMap<string, Asset> = new Map(
  [
    ["page.css", "text/css; charset=utf-8"],
    ["page.js", "text/javascript; charset=utf-8"],
    ["icon.svg", "image/svg+xml"],
  ].map(([name = "", type = ""]) => [name, { type, body: readAsset(name) }]),
);

/** Differs with the contents of all assets, so that they may be kept for ever. */
const version = createHash("sha256")
  .update([...assets.values()].map(({ body }) => body).join("\0"))
  .digest("hex")
  .slice(0, 12);

export function findAsset(name: string): Asset | null {
  return assets.get(name) ?? null;
}

export function assetPath(name: string): string {
  return `/assets/${name}?v=${version}`;
}

/** `assets` lies beside `src` and `dist` alike. */
function readAsset(name: string): string {
  return readFileSync(new URL(`../../assets/${name}`, import.meta.url), "utf8");
}
