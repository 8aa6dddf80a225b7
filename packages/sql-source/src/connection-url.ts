import { ConfigError } from "@acme/sync-core";

export interface ConnectionUrl {
  /** "" where it names none. */
  readonly host: string;
  readonly port: number | null;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface UrlRules {
  /** Schemes, without `://`; the first one is written in messages. */
  readonly schemes: readonly [string, ...string[]];
  readonly known: ReadonlySet<string>;
  /** Parameters that change nothing for us, by the values that may stand there. */
  readonly harmless: Readonly<Record<string, RegExp>>;
}

/** How to write a url, with what in it has to be encoded. */
export const ENCODE_HINT = "percent-encode special characters in user and password (@ as %40, # as %23, / as %2F)";

/**
 * Reads `scheme://user:password@host:port/database?parameter=value`. The parameters host, port, user, password and dbname go
 * before what stands elsewhere in it.
 * @throws ConfigError without the text in its message: a password is part of it.
 */
export function parseConnectionUrl(text: string, rules: UrlRules): ConnectionUrl {
  const [scheme] = rules.schemes;
  const hint = `Write it as ${scheme}://user:password@host/database, and ${ENCODE_HINT}.`;
  if (!rules.schemes.some((known) => text.toLowerCase().startsWith(`${known}://`))) {
    throw new ConfigError(`url does not start with ${scheme}://`, { hint });
  }
  let url: URL;
  const withoutHost = /^[^/]*\/\/(?:[^/?#]*@)?(?=[/?]|$)/.test(text);
  try {
    // The URL class wants a host behind credentials; there may be none where the host is a parameter.
    url = new URL(withoutHost ? text.replace(/^([^/]*\/\/(?:[^/?#]*@)?)/, "$1placeholder") : text);
  } catch {
    // The error of URL holds the whole text, password and all: it ends here.
    throw new ConfigError("url cannot be read", {
      hint: /^[^/]*\/\/(?:[^@/]*@)?[^/?]*,/.test(text) ? "Name one host; several are not supported." : hint,
    });
  }
  if (url.hash !== "") throw new ConfigError("url has a # in it", { hint });
  const parameters = readParameters(url.searchParams, rules);
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw new ConfigError("url has a % that is not followed by two hexadecimal digits", { hint });
    }
  };
  const hostname = withoutHost ? "" : decode(url.hostname).replace(/^\[(.*)\]$/, "$1");
  if ((parameters.get("host") ?? hostname).includes(",")) {
    throw new ConfigError("url names several hosts", { hint: "Name one host; several are not supported." });
  }
  const port = parameters.get("port") ?? url.port;
  if (port !== "" && !/^\d{1,5}$/.test(port)) throw new ConfigError("url has a port that is not a number", { hint });
  const password = parameters.get("password") ?? decode(url.password);
  return {
    host: parameters.get("host") ?? hostname,
    port: port === "" ? null : Number(port),
    database: parameters.get("dbname") ?? decode(url.pathname.slice(1)),
    user: parameters.get("user") ?? decode(url.username),
    password: password === "" ? null : password,
    parameters,
  };
}

function readParameters(search: URLSearchParams, { known, harmless }: UrlRules): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [key, value] of search) {
    if (parameters.has(key))
      throw new ConfigError(`url has the parameter ${toPrintable(key)} twice`, { hint: "Remove one of them." });
    if (!known.has(key) && harmless[key]?.test(value) !== true) {
      throw new ConfigError(`url has the parameter ${toPrintable(key)}, which this connector does not follow`, {
        hint: `Remove it. Known are ${[...known].join(", ")}.`,
      });
    }
    parameters.set(key, value);
  }
  return parameters;
}

/** A parameter's name as it may stand in a message: part of a password could end up there when an & was not encoded. */
function toPrintable(key: string): string {
  return /^[a-z_-]{1,40}$/i.test(key) ? key : "(unreadable name)";
}
