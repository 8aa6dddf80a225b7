import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { exitCode, spawnProgram } from "./spawn-program.ts";

export interface DescribeProgramOptions {
  /** The file to run. */
  readonly bin: string;
  /** What messages on stderr begin with. */
  readonly name: string;
  /** Options that `--help` has to name. */
  readonly options: readonly string[];
  /** Arguments that are refused, each with a part of the message. */
  readonly refused: readonly (readonly [args: readonly string[], message: string])[];
}

/** What the program of every stand-in does, whatever it serves. Its greeting names three commands to try. */
export function describeProgram({ bin, name, options, refused }: DescribeProgramOptions): void {
  describe(`the program ${name}`, () => {
    test("a port in use is one readable line and exit code 2", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      onTestFinished(() => void server.close());
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const started = spawnProgram(bin, "--port", String(port));
      expect(await exitCode(started)).toBe(2);
      await expect.poll(started.errors).toMatch(new RegExp(`^${name}: port ${port} is in use.*\n$`));
    });

    test.each(refused)("%j is refused with exit code 2", async (args, message) => {
      const started = spawnProgram(bin, ...args);
      expect(await exitCode(started)).toBe(2);
      await expect.poll(started.errors).toContain(message);
      expect(started.errors()).toMatch(new RegExp(`^${name}: `));
      expect(started.output()).toBe("");
    });

    test("--help prints every option, the greeting three commands to try", async () => {
      const help = spawnProgram(bin, "--help");
      expect(await exitCode(help)).toBe(0);
      for (const option of options) await expect.poll(help.output).toContain(option);
      const started = spawnProgram(bin, "--port", "0");
      await expect.poll(() => started.output().match(/^ {2}curl /gm)?.length, { timeout: 20_000 }).toBe(3);
      started.process.kill("SIGINT");
      expect(await exitCode(started)).toBe(0);
    });
  });
}
