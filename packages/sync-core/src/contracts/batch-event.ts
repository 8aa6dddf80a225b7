/** What happens to one batch, for logs and traces. Never the contents of a row. */
export interface BatchEvent {
  readonly batchId: string;
  /** `sent` comes once for every try. `settled`: every row of it has landed, is parked, or is part of another batch by now. */
  readonly step: "written" | "sent" | "settled";
  readonly rows: number;
  /** Of a settled batch; otherwise 0. */
  readonly landed: number;
  readonly refused: number;
}
