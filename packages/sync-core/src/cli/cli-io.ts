import type { Interrupt } from "../contracts/job.ts";

/** Everything the command line touches outside of itself. Handed in, so that a test can be the terminal. */
export interface CliIo {
  readonly stdout: CliWriter;
  readonly stderr: CliWriter;
  readonly stdin: CliReader;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `listener` for every SIGINT and SIGTERM until the returned function is called. */
  onSignal(listener: (signal: Interrupt["signal"]) => void): () => void;
  /** Calls `listener` for an error that nobody caught, until the returned function is called. */
  onCrash(listener: (error: unknown) => void): () => void;
  /** Ends the process at once. Only after a second signal or a crash: everything else ends by itself. */
  exitNow(exitCode: number): void;
}

export interface CliWriter {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  columns(): number;
}

export interface CliReader {
  readonly isTTY: boolean;
  /** Everything up to the end of the input. */
  readAll(): Promise<string>;
  /** Asks on the terminal and resolves with the line typed; with an empty one when the input ends. */
  ask(question: string): Promise<string>;
}
