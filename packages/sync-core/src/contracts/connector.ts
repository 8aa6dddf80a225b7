import type { z } from "zod";
import type { Runtime } from "./runtime.ts";
import type { Source } from "./source.ts";
import type { Starter } from "./starter.ts";

/** A connector as data: what the CLI kit and the runner need to know to offer it. */
export interface Connector<Config = unknown> {
  /** What a configuration writes after `connector:`, for example `postgres`. */
  readonly name: string;
  readonly packageName: string;
  readonly version: string;
  /** Validates the `source:` section. Every field is described; secrets are marked with `.meta({ secret: true })`. */
  readonly config: z.ZodType<Config>;
  /** What `init` begins a configuration with; without it `init` has nothing to offer for this connector. */
  readonly starter?: Starter;
  /** Makes a source. Nothing is connected before its first method is called. */
  create(config: Config, runtime: Runtime): Source;
}
