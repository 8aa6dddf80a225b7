import { type Clock, createRandom, type Faults, type RequestLog } from "@acme/stand-in-kit";
import { type AppSeed, type ConnectedApp, toConnectedApp } from "./auth/connected-apps.ts";
import { seesRow } from "./auth/sees-row.ts";
import { Sessions } from "./auth/sessions.ts";
import { User, type UserSeed } from "./auth/users.ts";
import type { Job } from "./bulk/job.ts";
import { Jobs } from "./bulk/jobs.ts";
import { Counters } from "./counters.ts";
import type { Fault } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import { Usage } from "./limits/usage.ts";
import { Org } from "./org/org.ts";
import type { CompleteOrgSeed } from "./org/org-seed.ts";
import type { RequestEntry } from "./request-entry.ts";
import { Cursors } from "./soql/cursors.ts";
import { execute, type ResultSet } from "./soql/execute.ts";

/** An estimate of what a Bulk result takes of the day's storage: values are not written out to be counted. */
const BYTES_PER_VALUE = 20;

export interface WorldOptions {
  readonly clock: Clock;
  readonly knobs: Readonly<Knobs>;
  readonly faults: Faults<Fault>;
  readonly requestLog: RequestLog<RequestEntry>;
  readonly orgSeed: CompleteOrgSeed;
  readonly userSeeds: readonly UserSeed[];
  readonly appSeeds: readonly AppSeed[];
}

/** Everything the server knows; one per server. */
export class World {
  readonly clock: Clock;
  readonly faults: Faults<Fault>;
  readonly requestLog: RequestLog<RequestEntry>;
  readonly orgSeed: CompleteOrgSeed;
  /** In force now. */
  knobs: Readonly<Knobs>;
  random: () => number;
  org: Org;
  users: User[];
  apps: ConnectedApp[];
  sessions: Sessions;
  cursors: Cursors;
  jobs: Jobs;
  usage: Usage;
  counters: Counters;
  readonly #options: WorldOptions;
  readonly #described = new Map<string, number>();
  #startedAtMs: number;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.faults = options.faults;
    this.requestLog = options.requestLog;
    this.orgSeed = options.orgSeed;
    this.knobs = { ...options.knobs };
    const fresh = populate(options);
    this.random = fresh.random;
    this.org = fresh.org;
    this.users = fresh.users;
    this.apps = fresh.apps;
    this.sessions = fresh.sessions;
    this.cursors = fresh.cursors;
    this.jobs = fresh.jobs;
    this.usage = fresh.usage;
    this.counters = fresh.counters;
    this.#startedAtMs = this.clock.now();
  }

  /** Back to the start: org, users, apps, sessions, usage, log, faults, knobs, clock. */
  reset(): void {
    this.faults.clear();
    this.requestLog.clear();
    this.clock.setOffset(0);
    this.knobs = { ...this.#options.knobs };
    this.#described.clear();
    this.#startedAtMs = this.clock.now();
    Object.assign(this, populate(this.#options));
  }

  findApp(clientId: string): ConnectedApp | undefined {
    return this.apps.find((app) => app.clientId === clientId);
  }

  findUser(username: string): User | undefined {
    return this.users.find((user) => user.username === username);
  }

  addApp(seed: AppSeed): void {
    if (this.findApp(seed.clientId ?? "stand-in-client") !== undefined) throw new RangeError("This client id is taken");
    addApp(this, seed);
  }

  /** Makes visible what has become due. */
  settle(nowMs: number): void {
    this.org.settle(nowMs);
    this.jobs.settle(nowMs, (job) => this.#run(job, nowMs));
  }

  /** A query that is cut into chunks has a limit of its own. */
  #run(job: Job, nowMs: number): ResultSet {
    const { knobs, org } = this;
    const result = execute(job.plan, {
      org,
      nowMs,
      withDeleted: job.operation === "queryAll" || job.plan.query.allRows,
      sees: (row) => seesRow(job.user, row),
      unordered: knobs.unordered,
      timeoutRows: job.chunked ? knobs.bulkTimeoutRows : knobs.queryTimeoutRows,
    });
    this.usage.storedBulk(result.positions.length * job.plan.columns.length * BYTES_PER_VALUE, nowMs);
    return result;
  }

  /** When the definition of an object changed last. */
  describedAtMs(object: string): number {
    return this.#described.get(object) ?? this.#startedAtMs;
  }

  redescribed(object: string): void {
    this.#described.set(object, this.clock.now());
  }
}

interface Fresh {
  readonly random: () => number;
  readonly org: Org;
  readonly users: User[];
  readonly apps: ConnectedApp[];
  readonly sessions: Sessions;
  readonly cursors: Cursors;
  readonly jobs: Jobs;
  readonly usage: Usage;
  readonly counters: Counters;
}

function populate({ orgSeed, userSeeds, appSeeds, knobs }: WorldOptions): Fresh {
  const usernames = userSeeds.map(({ username }) => username ?? "sync@acme.example");
  const users = Math.max(orgSeed.users, userSeeds.length);
  const org = new Org({ ...orgSeed, users }, usernames);
  const fresh: Fresh = {
    random: createRandom(knobs.seed),
    org,
    users: userSeeds.map((seed, position) => new User(org.userId(position), seed)),
    apps: [],
    sessions: new Sessions(org.id),
    cursors: new Cursors(),
    jobs: new Jobs(),
    usage: new Usage(),
    counters: new Counters(),
  };
  for (const seed of appSeeds) addApp(fresh, seed);
  return fresh;
}

function addApp({ apps, sessions, users }: Pick<Fresh, "apps" | "sessions" | "users">, seed: AppSeed): void {
  const app = toConnectedApp(seed);
  apps.push(app);
  const user = app.runAs === undefined ? users[0] : users.find(({ username }) => username === app.runAs);
  if (user !== undefined) sessions.addRefreshToken(app, user, seed.refreshToken ?? "stand-in-refresh");
}
