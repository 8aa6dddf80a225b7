import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import type { CliIo, CliWriter } from "./cli-io.ts";
import { keepRowsYoung } from "./keep-rows-young.ts";

/** The process's own streams, environment, folder, clock and signals. For a program that has the process to itself: its memory is set up too. */
export function createSystemIo(): CliIo {
  keepRowsYoung();
  return {
    stdout: toWriter(process.stdout),
    stderr: toWriter(process.stderr),
    stdin: {
      isTTY: process.stdin.isTTY ?? false,
      readAll: () => text(process.stdin),
      ask,
    },
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    onSignal(listener) {
      const onInterrupt = (): void => listener("SIGINT");
      const onTerminate = (): void => listener("SIGTERM");
      process.on("SIGINT", onInterrupt);
      process.on("SIGTERM", onTerminate);
      return () => {
        process.off("SIGINT", onInterrupt);
        process.off("SIGTERM", onTerminate);
      };
    },
    onCrash(listener) {
      process.on("uncaughtException", listener);
      return () => process.off("uncaughtException", listener);
    },
    exitNow: (exitCode) => process.exit(exitCode),
  };
}

function toWriter(stream: NodeJS.WriteStream): CliWriter {
  // Whoever reads our output may stop reading (`| head`): that is no fault of the run.
  stream.on("error", (error) => {
    if (!("code" in error) || error.code !== "EPIPE") throw error;
  });
  return {
    write: (content) => void stream.write(content),
    isTTY: stream.isTTY ?? false,
    // Some terminals do not say how wide they are, or say 0.
    columns: () => (stream.columns > 0 ? stream.columns : 80),
  };
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}
