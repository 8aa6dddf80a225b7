/**
 * What the page keeps to by itself, and what it needs of the server in front of it: a slow client is the server's to end. The
 * server's own are named as in `node:http`.
 */
export const pageLimits = {
  /** Forms are small; more is refused with 413, whether its length was announced or not. */
  maxBodyBytes: 8 * 1024,
  /** Open live connections; one more is answered with 503, and the page goes on without. */
  maxLiveStreams: 64,
  /** A live connection ends after this; the browser opens the next one, which has to be let in again. */
  liveStreamMs: 10 * 60_000,
  /** Keeps a live connection from looking idle, and relative times from growing old. Below `server.timeoutMs`. */
  heartbeatMs: 25_000,
  sessionMs: 12 * 60 * 60_000,
  /** One more sign-in ends the oldest session. */
  maxSessions: 100,
  /** Failed sign-ins within `signInWindowMs`: of one address, and of all addresses together. */
  maxFailuresOfAddress: 10,
  maxFailures: 100,
  signInWindowMs: 10 * 60_000,
  server: {
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 15_000,
    keepAliveTimeoutMs: 5000,
    /** Of silence on a socket, in either direction. Ends clients that stop reading. */
    timeoutMs: 60_000,
    maxHeaderBytes: 16 * 1024,
    maxConnections: 512,
  },
} as const;
