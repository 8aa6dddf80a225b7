/** One request to a stand-in without a server. */
export interface OpenRequest {
  readonly method: string;
  readonly url: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OpenAnswer {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface OpenReply {
  readonly status: number;
  readonly contentType: string | undefined;
  /** As they would be sent. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

/** The answer as its reader sees it, dated as a server would have. */
export function toOpenAnswer({ status, contentType, headers = {}, payload }: OpenReply, nowMs: number): OpenAnswer {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    status,
    headers: {
      ...(contentType === undefined ? {} : { "content-type": contentType }),
      date: new Date(nowMs).toUTCString(),
      ...Object.fromEntries(named),
    },
    text: payload.toString("utf8"),
  };
}
