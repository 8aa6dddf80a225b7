export interface LoopOptions {
  readonly url: string;
  readonly key: string;
  /** For files; removed afterwards. */
  readonly folder: string;
  readonly perMinute: number;
  /** Aborted: the measurement is over. */
  readonly signal: AbortSignal;
}
