import { AuthError, type Runtime, SyncError, TransientError } from "@acme/sync-core";
import { signAssertion } from "./assertion.ts";
import { type SalesforceConfig, toOrigin } from "./config.ts";
import type { Login } from "./credentials.ts";
import { type ErrorContext, type Refusal, toLoginError } from "./errors.ts";
import { type Connect, parseShape, whole } from "./client.ts";
import { sessionAnswer, toLoginRefusal } from "./responses.ts";
import { retryWaitMs } from "./retry.ts";
import { Refused } from "./wire.ts";

const DOING = "logging in";
/** SOAP login is not in later versions. */
const SOAP_VERSION = "64.0";

/** Logs in the way that is configured, with bounded retries of what passes. */
export function createLogin(
  config: SalesforceConfig,
  runtime: Runtime,
  connect: Connect,
  serverNow: () => number,
  contextOf: (doing: string, url: string) => ErrorContext,
): Login {
  const loginUrl = toOrigin(config.loginUrl);

  const ask = async (connection: ReturnType<Connect>, refreshToken: string | null): Promise<unknown> => {
    if (config.password !== undefined) {
      const { username, password, securityToken = "" } = config.password;
      await connection.loginBySoap(username, password + securityToken);
      return { access_token: connection.accessToken, instance_url: connection.instanceUrl };
    }
    if (config.jwt !== undefined) {
      const assertion = await signAssertion(config.jwt, loginUrl, serverNow());
      return connection.oauth2.requestToken({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
    }
    if (refreshToken !== null) return connection.oauth2.refreshToken(refreshToken);
    return connection.oauth2.requestToken({ grant_type: "client_credentials" });
  };

  return async (refreshToken, signal) => {
    const version = config.password === undefined ? config.apiVersion : SOAP_VERSION;
    const connection = connect({ accessToken: "", instanceUrl: loginUrl }, DOING, signal, version);
    for (let tries = 1; ; tries += 1) {
      let refusal: Refusal | null = null;
      let failure: unknown;
      try {
        const answer = parseShape(whole(await ask(connection, refreshToken), DOING), sessionAnswer, DOING);
        return {
          session: { accessToken: answer.access_token, instanceUrl: toInstanceUrl(answer.instance_url) },
          refreshToken: answer.refresh_token ?? null,
        };
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
        if (error instanceof Refused) {
          const { status, header, bytes } = error.answer;
          const login = toLoginRefusal(status, header, bytes.toString("utf8"));
          failure = toLoginError(login, contextOf(DOING, loginUrl));
          if (!(failure instanceof TransientError)) throw failure;
          refusal = login;
        } else if (!SyncError.is(error)) throw toPlainError(error);
        else if (!(error instanceof TransientError)) throw error;
      }
      const waitMs = retryWaitMs(refusal, tries, runtime.random());
      if (waitMs === null) throw failure;
      await runtime.sleep(waitMs, signal);
    }
  };
}

/** The library's own words for an expired password; anything else that it says may quote an answer. */
function toPlainError(error: unknown): AuthError {
  const isExpired = error instanceof Error && /password has expired/.test(error.message);
  return new AuthError(isExpired ? "the password has expired" : "Salesforce's answer to the login is not understood", {
    hint: isExpired ? "Set a new one, and put it into password.password." : "Check loginUrl.",
  });
}

/** Data is under the My Domain of an org whose user interface is under a Lightning one. */
export function toInstanceUrl(url: string): string {
  return new URL(url).origin.replace(/\.lightning\.force\.com$/, ".my.salesforce.com");
}
