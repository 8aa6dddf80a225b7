import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitOf, startChild } from "../child.ts";
import type { LoopOptions } from "./loop.ts";

/** The command line of the real engine in a process of its own, with its state in a real file. */
export async function runEngine({ url, key, folder, signal }: LoopOptions): Promise<void> {
  const contact = (name: string) => ({ sourceField: name, collectionName: "Contacts Standard Schema" });
  const config = {
    personize: { secretKey: key, baseUrl: url },
    engine: { interruptGraceMs: 0 },
    syncs: {
      rows: {
        connector: "rows",
        source: { rows: 20_000 },
        mapping: {
          entityType: "contact",
          email: "email",
          properties: {
            first_name: contact("first_name"),
            company: contact("company"),
            city: contact("city"),
            notes: { sourceField: "notes", collectionName: "Generated Content", extractMemories: false },
          },
        },
      },
    },
  };
  await writeFile(join(folder, "sync.config.json"), JSON.stringify(config));
  const child = startChild(new URL("./rows-cli.ts", import.meta.url), ["sync", "--quiet"], { cwd: folder });
  child.stdout?.resume();
  const gone = exitOf(child);
  signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  const code = await gone;
  if (!signal.aborted) throw new Error(`the engine ended early, with exit code ${code}`);
}
