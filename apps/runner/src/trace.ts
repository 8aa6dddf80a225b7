import type * as OpenTelemetry from "@opentelemetry/api";
import type { Span, Tracer } from "@opentelemetry/api";
import type { Progress } from "@acme/sync-core";
import type { ListenToRun } from "./runs/run-listener.ts";

export interface Tracing {
  readonly listen: ListenToRun;
  /** Sends what is left. Resolves after 5 seconds at the latest. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  /** OTEL_EXPORTER_OTLP_ENDPOINT and the others of the OpenTelemetry specification are read from the process's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly onProblem: (error: unknown) => void;
}

/** A run with more batches keeps the spans of the first ones: a trace is for looking at. */
const MAX_BATCH_SPANS = 1000;
const STOP_MS = 5000;

/**
 * Traces over OTLP (HTTP): a span for each run, its phases below it, its batches from sending to settling below those. The libraries are
 * loaded only where an endpoint is set; null: none is.
 */
export async function startTracing({ env, version, onProblem }: TracingOptions): Promise<Tracing | null> {
  const endpoint = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  if (endpoint === "" || env["OTEL_SDK_DISABLED"] === "true") return null;
  const [api, { BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace-base"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  api.diag.setLogger(
    {
      error: (message, ...rest) => onProblem(new Error(`tracing: ${message} ${rest.map(String).join(" ")}`.trim())),
      warn: () => undefined,
      info: () => undefined,
      debug: () => undefined,
      verbose: () => undefined,
    },
    api.DiagLogLevel.ERROR,
  );
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      "service.name": env["OTEL_SERVICE_NAME"] ?? "runner",
      "service.version": version,
    }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer("@acme/runner", version);
  return {
    listen: traceRuns(api, tracer),
    async stop() {
      const patience = new Promise<void>((resolve) => void setTimeout(resolve, STOP_MS).unref());
      await Promise.race([provider.shutdown().catch(onProblem), patience]);
    },
  };
}

/** run → phase → batch. */
function traceRuns(api: typeof OpenTelemetry, tracer: Tracer): ListenToRun {
  return (run) => {
    const { sync, runId, trigger } = run;
    const root = tracer.startSpan(`run ${sync}`, { attributes: { sync, "run.id": runId, "run.trigger": trigger } });
    const below = (parent: Span, name: string, attributes: Record<string, string | number>): Span =>
      tracer.startSpan(name, { attributes }, api.trace.setSpan(api.ROOT_CONTEXT, parent));
    const batches = new Map<string, Span>();
    let batchSpans = 0;
    let phase: { readonly name: Progress["phase"]; readonly span: Span } | null = null;

    return {
      progress(progress) {
        if (progress.phase === phase?.name) return;
        phase?.span.end();
        phase = { name: progress.phase, span: below(root, progress.phase, { sync, "run.id": runId }) };
      },
      batch({ batchId, step, rows, landed, refused }) {
        if (step === "sent" && !batches.has(batchId) && batchSpans < MAX_BATCH_SPANS) {
          batchSpans += 1;
          batches.set(batchId, below(phase?.span ?? root, "batch", { "batch.id": batchId, "batch.rows": rows }));
        }
        if (step !== "settled") return;
        batches.get(batchId)?.setAttributes({ "batch.landed": landed, "batch.refused": refused }).end();
        batches.delete(batchId);
      },
      remark: (text) => void root.addEvent(text),
      ended(end) {
        for (const span of batches.values()) span.end();
        phase?.span.end();
        if (end.state === "ran") {
          const { outcome, exitCode, rows, calls, units } = end.receipt;
          const counts = Object.entries(rows).map(([name, count]) => [`rows.${name}`, count] as const);
          root.setAttributes({ outcome, "exit.code": exitCode, calls, units, ...Object.fromEntries(counts) });
        }
        const problem =
          end.state === "failed"
            ? end.message
            : end.state === "ran" && ![0, 4].includes(end.receipt.exitCode)
              ? end.receipt.message
              : null;
        if (problem !== null) root.setStatus({ code: api.SpanStatusCode.ERROR, message: problem });
        root.end();
      },
    };
  };
}
