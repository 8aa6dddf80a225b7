import type { Runtime } from "@acme/sync-core";
import { createShared } from "./shared.ts";
import type { TokenFile, Tokens } from "./token-file.ts";
import { until } from "./until.ts";

/** What calls are made with. Plain JSON, since it may be kept in a file. */
export interface Session {
  readonly accessToken: string;
}

/** What a login gave. `refreshToken` null: the one that was used stays valid, or there is none. */
export interface Granted<Kept extends Session> {
  readonly session: Kept;
  readonly refreshToken: string | null;
}

/** How one credential gets its sessions. `Token` is null where it logs in without a refresh token. */
export interface Credential<Kept extends Session, Token extends string | null> {
  /** Identifies it among the sources of a process. May hold secrets: only its digest is kept. */
  readonly identity: readonly string[];
  /** What no message may show, as configured. */
  readonly secrets: readonly string[];
  /** As configured; what replaces it is kept by whoever is given this. */
  readonly refreshToken: Token;
  /** null: what is replaced is lost when the process ends. */
  readonly tokenFile: TokenFile<Kept> | null;
  /** Whether a session can still be used, as far as is known without a call. */
  isGood(session: Kept): boolean;
  /** @param refreshToken the newest. @throws AuthError when the grant is gone; TransientError. */
  logIn(refreshToken: Token | string, signal: AbortSignal): Promise<Granted<Kept>>;
}

/**
 * Sessions of one credential. All that use the same one in a process share its session and a login at a time; with a token file, so do all
 * processes that name that file.
 *
 * A login is never cut off half-way, and a refresh token that it replaced is in the file before its session is used: where tokens rotate,
 * showing the old one again can revoke the new one too. Whoever waits leaves at once when aborted.
 */
export interface SessionKeeper<Kept extends Session> {
  /** @throws the signal's reason; what `logIn` throws; ConfigError where the token file is unusable. */
  session(signal: AbortSignal): Promise<Kept>;
  /** A session to replace one that was refused. One caller logs in, the others wait for it. @throws as `session`. */
  replace(refused: Kept, signal: AbortSignal): Promise<Kept>;
  /** Everything that no message may show, as of now: what was configured, and all that was granted since. */
  secrets(): readonly string[];
}

/** Makes the keeper of a credential, or another one that shares with those of the same identity. */
export type KeepSession<Kept extends Session> = <Token extends string | null>(
  runtime: Runtime,
  credential: Credential<Kept, Token>,
) => SessionKeeper<Kept>;

interface State<Kept> {
  session: Kept | null;
  /** The newest that was granted; null: none was, and the configured one holds. */
  refreshToken: string | null;
  /** Granted, and not in the file yet, because it could not be written. */
  unwritten: Tokens<Kept> | null;
  login: Login<Kept> | null;
  readonly secrets: Set<string>;
}

/** A login under way. */
interface Login<Kept> {
  readonly result: Promise<Kept>;
  /** How many wait for it. */
  waiting: number;
  /** Aborted when nobody waits any longer: then it need not begin. One that has begun goes on. */
  readonly unwanted: AbortController;
}

/** One for each kind of session, at the top of a module: what its keepers share, they share through it. */
export function createKeepSession<Kept extends Session>(): KeepSession<Kept> {
  const sharedState = createShared<State<Kept>>();
  return (runtime, credential) => {
    const state = sharedState(runtime, credential.identity, () => ({
      session: null,
      refreshToken: null,
      unwritten: null,
      login: null,
      secrets: new Set(credential.secrets),
    }));
    return createKeeper(state, credential);
  };
}

function createKeeper<Kept extends Session, Token extends string | null>(
  state: State<Kept>,
  credential: Credential<Kept, Token>,
): SessionKeeper<Kept> {
  const { tokenFile } = credential;

  const isGood = (session: Kept | null, refused: Kept | null): session is Kept =>
    session !== null && session.accessToken !== refused?.accessToken && credential.isGood(session);

  const learn = ({ accessToken }: Kept, refreshToken: string | null): void => {
    state.secrets.add(accessToken);
    if (refreshToken === null) return;
    state.secrets.add(refreshToken);
    state.refreshToken = refreshToken;
  };

  /** In the file first. What cannot be written is written at the next try, in place of showing an old token again. */
  const keep = async (file: TokenFile<Kept>, tokens: Tokens<Kept>): Promise<Kept> => {
    state.unwritten = tokens;
    await file.write(tokens);
    state.unwritten = null;
    return tokens.session;
  };

  /** What is in the file, by another process perhaps. */
  const recall = async (file: TokenFile<Kept>): Promise<Kept | null> => {
    if (state.unwritten !== null) return keep(file, state.unwritten);
    const known = await file.read();
    if (known === null) return null;
    learn(known.session, known.refreshToken);
    return known.session;
  };

  const logIn = async (refused: Kept | null): Promise<Kept> => {
    const known = tokenFile === null ? null : await recall(tokenFile);
    if (isGood(known, refused)) return known;
    const used: Token | string = state.refreshToken ?? credential.refreshToken;
    const granted = await credential.logIn(used, new AbortController().signal);
    const refreshToken = granted.refreshToken ?? used;
    learn(granted.session, refreshToken);
    return tokenFile === null || refreshToken === null
      ? granted.session
      : keep(tokenFile, { session: granted.session, refreshToken });
  };

  const start = (refused: Kept | null): Login<Kept> => {
    const unwanted = new AbortController();
    const work = async (): Promise<Kept> => {
      state.session = await logIn(refused);
      return state.session;
    };
    const result = (tokenFile === null ? work() : tokenFile.alone(unwanted.signal, work)).finally(() => {
      state.login = null;
    });
    return { result, waiting: 0, unwanted };
  };

  const waitFor = async (login: Login<Kept>, signal: AbortSignal): Promise<Kept> => {
    login.waiting += 1;
    try {
      return await until(login.result, signal);
    } finally {
      login.waiting -= 1;
      if (login.waiting === 0) login.unwanted.abort();
    }
  };

  const logInOnce = async (refused: Kept | null, signal: AbortSignal): Promise<Kept> => {
    for (;;) {
      const isOthers = state.login !== null;
      const login = (state.login ??= start(refused));
      try {
        const session = await waitFor(login, signal);
        // A login that others began may have found, in the file, what was refused here.
        if (!isOthers || session.accessToken !== refused?.accessToken) return session;
      } catch (error) {
        // Those who began it have left before its turn came.
        if (signal.aborted || error !== login.unwanted.signal.reason) throw error;
      }
    }
  };

  return {
    async session(signal) {
      return isGood(state.session, null) ? state.session : logInOnce(null, signal);
    },
    async replace(refused, signal) {
      return isGood(state.session, refused) ? state.session : logInOnce(refused, signal);
    },
    secrets: () => [...state.secrets],
  };
}
