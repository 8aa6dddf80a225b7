/** The last resort: takes known secrets out of a text that is about to be shown. */
export interface Redactor {
  add(secrets: Iterable<string>): void;
  redact(text: string): string;
}

const MASK = "***";
/** Shorter texts occur by chance; taking them out would make messages unreadable without hiding anything. */
const SHORTEST_SECRET = 4;
/** Below this length a secret is only taken out where it stands as a word of its own. */
const SURELY_NOT_A_WORD = 8;

/** What looks like a credential is taken out even when nobody said that it is one. */
const CREDENTIAL_SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(sk|pk)_(live|test)_[\w-]+/g, `$1_$2_${MASK}`],
  // Greedy up to the last @ of the word: passwords may hold an @ themselves.
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/@"'`]*):[^\s"'`]*@/gi, `$1:${MASK}@`],
];

/**
 * Guarantees that a secret of 8 characters or more, added before, occurs in no text that {@link Redactor.redact} returns: as
 * it is, URL-encoded or decoded. Shorter ones are taken out where they stand alone. `publicWords` (names of the program and
 * its connectors) are never taken out: a password `postgres` must not turn `connector-postgres` into nonsense.
 */
export function createRedactor(publicWords: Iterable<string>): Redactor {
  const spared = new Set([...publicWords].flatMap((words) => [words, ...words.split(/[^A-Za-z0-9]+/)]));
  const secrets = new Set<string>();
  let pattern: RegExp | null = null;

  return {
    add(added) {
      for (const secret of added) {
        for (const form of forms(secret)) {
          if (form.length >= SHORTEST_SECRET && !spared.has(form)) secrets.add(form);
        }
      }
      pattern = secrets.size === 0 ? null : toPattern([...secrets]);
    },
    redact(text) {
      const known = pattern === null ? text : text.replace(pattern, MASK);
      return CREDENTIAL_SHAPES.reduce((shown, [shape, mask]) => shown.replace(shape, mask), known);
    },
  };
}

function forms(secret: string): readonly string[] {
  const encoded = encodeURIComponent(secret);
  try {
    return [secret, encoded, decodeURIComponent(secret)];
  } catch {
    return [secret, encoded];
  }
}

/** Longest first, so that a secret which contains another one leaves no rest behind. */
function toPattern(secrets: readonly string[]): RegExp {
  const alternatives = secrets
    .toSorted((left, right) => right.length - left.length)
    .map((secret) => {
      const literal = secret.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
      return secret.length < SURELY_NOT_A_WORD ? `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])` : literal;
    });
  return new RegExp(alternatives.join("|"), "g");
}
