import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What happens to a COMMIT: `lost` never arrives; `unanswered` is done, and nobody hears of it; `held` arrives when it is let go. */
export type CommitFate = "arrives" | "lost" | "unanswered" | "held";

/** A way to a PostgreSQL server on which connections are cut at the moment of a commit. */
export interface Relay {
  readonly port: number;
  /** Of the next commits, one after the other; then all arrive. */
  fates: CommitFate[];
  /** Commits that came by. */
  readonly commits: () => number;
  /** Questions of clients that the server had to answer before they went on. */
  readonly roundTrips: () => number;
  /** Lets held commits go on. */
  letGo(): void;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** `Q`, four bytes of length, and the text of a simple query. */
const COMMIT = Buffer.from("commit\0");
/** What ends a statement with parameters: `S`, and its length. */
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

export async function startRelay(target: number): Promise<Relay> {
  const open = new Set<Socket>();
  const held: (() => void)[] = [];
  let commits = 0;
  let roundTrips = 0;
  const relay = createServer((client) => {
    const server = connect(target, "127.0.0.1");
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => open.delete(socket));
    }
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    client.once("close", () => server.destroy());
    server.once("close", () => client.destroy());
    let isMute = false;
    server.on("data", (bytes) => {
      if (isMute) cut();
      else client.write(bytes);
    });
    client.on("data", (bytes) => {
      if (bytes[0] === 0x51 || bytes.subarray(-SYNC.length).equals(SYNC)) roundTrips += 1;
      const fate = isCommit(bytes) ? nextFate() : "arrives";
      if (fate === "lost") return cut();
      if (fate === "unanswered") isMute = true;
      if (fate === "held") held.push(() => server.write(bytes));
      else server.write(bytes);
    });
  });
  const nextFate = (): CommitFate => {
    commits += 1;
    return self.fates.shift() ?? "arrives";
  };
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const address = relay.address();
  if (address === null || typeof address === "string") throw new Error("the relay has no port");
  const self: Relay = {
    port: address.port,
    fates: [],
    commits: () => commits,
    roundTrips: () => roundTrips,
    letGo: () => {
      for (const go of held.splice(0)) go();
    },
    cut: () => {
      for (const socket of open) socket.destroy();
    },
    async close() {
      self.cut();
      relay.close();
      await once(relay, "close");
    },
  };
  return self;
}

function isCommit(bytes: Buffer): boolean {
  return bytes[0] === 0x51 && bytes.subarray(5).equals(COMMIT);
}
