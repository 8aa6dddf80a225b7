import { ConfigError, TransientError } from "../contracts/errors.ts";

/* What stores say, whatever they are kept in, when something is not to be moved or erased now. */

export function notEmpty(location: string, syncs: readonly string[]): ConfigError {
  const shown = syncs.slice(0, 5).join(", ");
  return new ConfigError(
    `The state ${location} is not empty: it knows ${shown}${syncs.length > 5 ? ` and ${syncs.length - 5} more` : ""}.`,
    { hint: "Import into a new state; or add --replace, and what is stored of the syncs in the file makes way." },
  );
}

export function atWork(sync: string, holder: string): TransientError {
  return new TransientError(`A run of sync "${sync}" is at work: ${holder}.`, {
    hint: "Let it end, or stop it, before its state is taken away.",
  });
}

/** Rows of a sync, or the sync itself, are there twice or in a wrong place. */
export function disordered(sync: string): ConfigError {
  return new ConfigError(
    `what is to be imported makes no sense: what it says of sync "${sync}" is there twice, or in a wrong place`,
    {
      hint: "Import a file as `state export` wrote it.",
    },
  );
}

/** @param untilMs until when a copy may land; null: a batch is not settled. */
export function stillUnderWay(sync: string, untilMs: number | null): TransientError {
  return untilMs === null
    ? new TransientError(`A batch of sync "${sync}" that holds this row is not settled yet.`, {
        hint: "Run the sync, so that it is, and forget the row then.",
      })
    : new TransientError(
        `A copy of this row of sync "${sync}" may still land in Personize, until ${new Date(untilMs).toISOString()}.`,
        { hint: "What is stored about it is needed until then. Forget the row afterwards." },
      );
}
