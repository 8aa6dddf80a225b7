import {
  Clock,
  createAdminListener,
  createSteering,
  endBefore,
  type FaultRule,
  Faults,
  isFaultOf,
  type LoggedRequest,
  readFault,
  readKnobs,
  receive,
  RequestLog,
  selectRequests,
  sendAnswer,
  type StandInServer,
  startServer,
  type Steering,
  steeringActions,
  toPage,
} from "../index.ts";
import type { ConnectionDisturbance } from "../send-answer.ts";

/** The smallest API that uses all of the kit: `GET` anything answers a text. */
export interface TinyControl extends Steering<TinyKnobs, TinyFault> {
  requests(query?: { readonly limit?: number; readonly offset?: number }): readonly LoggedRequest[];
  reset(): void;
}

export interface TinyKnobs {
  text: string;
  logSize: number;
}

const connectionKinds: readonly ConnectionDisturbance[] = [
  "slow-headers",
  "slow-body",
  "hang-before",
  "hang-after",
  "stall-body",
  "reset-before",
  "reset-after",
  "reset-body",
  "truncated-body",
  "short-body",
];
const isConnectionFault = isFaultOf(connectionKinds);
const kinds = [...connectionKinds, "defect"] as const;

export interface TinyFault extends FaultRule {
  readonly kind: (typeof kinds)[number];
  readonly share?: number;
}

export interface TinyApi extends StandInServer {
  readonly control: TinyControl;
}

export interface TinyOptions extends Partial<TinyKnobs> {
  readonly port?: number;
  readonly now?: () => number;
  readonly closed?: () => void;
}

const defaults: TinyKnobs = { text: "hello, world", logSize: 5000 };

export async function startTinyApi({ port, now = Date.now, closed, ...knobs }: TinyOptions = {}): Promise<TinyApi> {
  const pickKnobs = (options: object): Partial<TinyKnobs> =>
    readKnobs<TinyKnobs>(options, { defaults, choices: {}, types: {} });
  const world = {
    clock: new Clock(now),
    faults: new Faults<TinyFault>(kinds),
    knobs: { ...defaults, ...pickKnobs(knobs) },
    log: new RequestLog<LoggedRequest>(),
  };
  const control: TinyControl = {
    ...createSteering(world, pickKnobs),
    requests: (query = {}) => selectRequests(world.log.list(world.knobs.logSize), query),
    reset: () => world.log.clear(),
  };
  const server = await startServer({
    port,
    host: undefined,
    maxHeaderBytes: 8192,
    clock: world.clock,
    async listen(request, response, url) {
      const hits = world.faults.hit(request.method ?? "GET", url.pathname);
      const entry = world.log.begin(request, url, world.clock.now(), hits);
      world.log.add(entry, world.knobs.logSize);
      const received = await receive(request, response, entry, 100);
      const disturbance = hits.find(isConnectionFault);
      if (received === undefined || endBefore(request, disturbance)) return;
      if (hits.some(({ kind }) => kind === "defect")) throw new Error("something is wrong");
      const payload = Buffer.from(received.tooLarge ? "too large" : world.knobs.text);
      await sendAnswer(
        request,
        response,
        { status: 200, headers: { "Content-Type": "text/plain" }, payload },
        {
          disturbance,
          sent(status) {
            entry.status = status;
          },
        },
      );
    },
    administer: createAdminListener(
      {
        ...steeringActions(control, (body) => readFault(body, kinds)),
        requests: (body) => toPage(body, (page) => control.requests(page)),
        nothing: () => undefined,
      },
      { requests: () => control.requests() },
    ),
    toDefect: (message) => ({ message }),
    ...(closed === undefined ? {} : { closed }),
  });
  return { ...server, control };
}
