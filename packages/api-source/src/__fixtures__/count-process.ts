/** A process that counts up a number in a file, many times, each time alone: `count-process.ts FILE TIMES`. */
import { createSystemRuntime } from "@acme/sync-core";
import { diskFiles } from "../files.ts";
import { withLock } from "../with-lock.ts";

const [path = "", times = "0"] = process.argv.slice(2);
const runtime = createSystemRuntime();
const never = new AbortController().signal;
for (let time = 0; time < Number(times); time += 1) {
  await withLock(
    () => diskFiles.takeLock(`${path}.lock`),
    { ...runtime, sleep: (ms, signal) => runtime.sleep(ms / 50, signal) },
    never,
    async () => {
      const count = Number(await diskFiles.read(path));
      await runtime.sleep(1, never);
      await diskFiles.replace(path, String(count + 1));
    },
  );
}
