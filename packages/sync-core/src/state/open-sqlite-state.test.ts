import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openSqliteState } from "./open-sqlite-state.ts";
import { describeStateStore } from "./state-store-suite.ts";

const directory = mkdtempSync(join(tmpdir(), "sqlite-state-"));
afterAll(() => rmSync(directory, { recursive: true }));

describeStateStore("SQLite state", (place, now) => openSqliteState({ file: join(directory, `${place}.db`), now }));
