import type { Interrupt } from "../../contracts/job.ts";
import type { CliIo, CliWriter } from "../cli-io.ts";

export interface FakeIo {
  readonly io: CliIo;
  readonly out: () => string;
  readonly err: () => string;
  /** Exit codes that were asked for at once. */
  readonly exits: readonly number[];
  readonly questions: readonly string[];
  raise(signal: Interrupt["signal"]): void;
  crash(error: unknown): void;
  listeners(): number;
}

export interface FakeIoOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly terminal?: boolean;
  readonly input?: string;
  readonly answer?: string;
  readonly now?: () => number;
}

/** A terminal, or the lack of one, in memory. */
export function createFakeIo(options: FakeIoOptions): FakeIo {
  const signals = new Set<(signal: Interrupt["signal"]) => void>();
  const crashes = new Set<(error: unknown) => void>();
  const exits: number[] = [];
  const questions: string[] = [];
  const isTTY = options.terminal ?? false;
  const [out, stdout] = createWriter(isTTY);
  const [err, stderr] = createWriter(isTTY);
  const io: CliIo = {
    stdout,
    stderr,
    stdin: {
      isTTY,
      readAll: async () => options.input ?? "",
      ask: async (question) => {
        questions.push(question);
        return options.answer ?? "";
      },
    },
    env: options.env ?? {},
    cwd: options.cwd,
    now: options.now ?? (() => Date.now()),
    onSignal(listener) {
      signals.add(listener);
      return () => void signals.delete(listener);
    },
    onCrash(listener) {
      crashes.add(listener);
      return () => void crashes.delete(listener);
    },
    exitNow: (code) => void exits.push(code),
  };
  return {
    io,
    out,
    err,
    exits,
    questions,
    raise: (signal) => signals.forEach((listener) => listener(signal)),
    crash: (error) => crashes.forEach((listener) => listener(error)),
    listeners: () => signals.size + crashes.size,
  };
}

function createWriter(isTTY: boolean): [() => string, CliWriter] {
  let written = "";
  const writer: CliWriter = {
    write: (text) => {
      written += text;
    },
    isTTY,
    columns: () => 100,
  };
  return [() => written, writer];
}
