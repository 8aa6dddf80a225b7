/** Installs the packed runner with the chosen connectors into the current folder; production dependencies only. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , tarballs] = process.argv;
const { CONNECTORS = "all", SDK = "published" } = process.env;
if (SDK !== "published" && SDK !== "stand-in") throw new Error(`SDK is published or stand-in, not ${SDK}`);

const index = JSON.parse(readFileSync(join(tarballs, "index.json"), "utf8"));
const prefix = "@acme/connector-";
const connectors = Object.keys(index).filter((name) => name.startsWith(prefix));
const chosen =
  CONNECTORS.trim() === "all"
    ? connectors
    : CONNECTORS.split(/[\s,]+/).filter((name) => name !== "").map((name) => `${prefix}${name}`);
for (const name of chosen) {
  if (!connectors.includes(name)) throw new Error(`there is no ${name}; there are ${connectors.join(", ")}`);
}

// The connectors are optional dependencies of the runner: only those that were asked for come along, with what they need.
const wanted = new Set();
const want = (name) => {
  if (wanted.has(name) || index[name] === undefined || (name === "@personize/sdk" && SDK === "published")) return;
  wanted.add(name);
  for (const dependency of index[name].dependencies) want(dependency);
};
for (const name of ["@acme/runner", ...chosen]) want(name);

writeFileSync("package.json", JSON.stringify({ name: "image", private: true }));
const files = [...wanted].map((name) => join(tarballs, index[name].file));
const words = ["install", "--omit=dev", "--omit=optional", "--no-audit", "--no-fund", ...files];
const { status } = spawnSync("npm", words, { stdio: "inherit" });
if (status !== 0) throw new Error("npm install failed");

// Nothing in an image compiles against types, or looks at a source map.
for (const entry of readdirSync("node_modules", { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && /\.(d\.[cm]?ts|map)$/.test(entry.name)) rmSync(join(entry.parentPath, entry.name));
}
