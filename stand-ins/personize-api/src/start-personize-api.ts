import {
  Clock,
  createAdminListener,
  createRandom,
  Faults,
  RequestLog,
  type StandInServer,
  startServer,
} from "@acme/stand-in-kit";
import { createActions } from "./admin-actions.ts";
import type { Control } from "./control.ts";
import { createControl } from "./create-control.ts";
import { faultKinds } from "./faults.ts";
import { defaultKnobs, pickKnobs } from "./knobs.ts";
import type { PersonizeApiOptions } from "./options.ts";
import { createRequestListener, toDefect } from "./request-listener.ts";
import { RowFailures } from "./row-failure.ts";
import { createStoreFile } from "./store-file.ts";
import { populate, type World } from "./world.ts";

/** A running server; `close` writes its store file. */
export interface PersonizeApi extends StandInServer {
  /** In-process form of the admin routes. */
  readonly control: Control;
}

// Documented limit of the header block.
const MAX_HEADER_BYTES = 8192;

/**
 * Starts the stand-in on loopback. Rejects with the system's error when the port is taken (`code` "EADDRINUSE"), with
 * RangeError for an unknown knob value, with SyntaxError for a damaged store file.
 */
export async function startPersonizeApi(options: PersonizeApiOptions = {}): Promise<PersonizeApi> {
  const world = createWorld(options);
  const store = options.file === undefined ? undefined : createStoreFile(options.file, options.saveEveryMs ?? 2000);
  store?.load(world);
  const control = createControl(world, () => store?.save(world));
  const server = await startServer({
    port: options.port,
    host: options.host,
    maxHeaderBytes: MAX_HEADER_BYTES,
    listen: createRequestListener(world),
    administer: createAdminListener(createActions(control), { records: (body) => control.eachRecord(body) }),
    toDefect,
    closed() {
      store?.stop();
      store?.save(world);
    },
  });
  store?.start(world);
  return { ...server, control };
}

function createWorld(options: PersonizeApiOptions): World {
  const knobs = { ...defaultKnobs, ...pickKnobs(options) };
  const world: World = {
    clock: new Clock(options.now ?? Date.now),
    knobs,
    startKnobs: knobs,
    random: createRandom(knobs.seed),
    faults: new Faults(faultKinds),
    rowFailures: new RowFailures(),
    requestLog: new RequestLog(),
    seeds: options.organizations ?? [{ id: "org_demo", name: "Demo" }],
    organizations: [],
    organizationsByKey: new Map(),
    changed: false,
  };
  populate(world);
  return world;
}
