/** A real OTLP/HTTP endpoint on loopback that takes JSON and keeps it. */

export interface ExportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly status: { readonly code: number; readonly message: string };
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ExportedLog {
  readonly severity: string;
  readonly text: string;
  readonly traceId: string;
}

export interface OtlpSink extends AsyncDisposable {
  /** What a program needs to export here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly spans: ExportedSpan[];
  readonly logs: ExportedLog[];
  /** All requests as they came. */
  readonly bodies: string[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export function startOtlpSink(): OtlpSink {
  const [spans, logs, bodies]: [ExportedSpan[], ExportedLog[], string[]] = [[], [], []];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const text = await request.text();
    bodies.push(text);
    const { resourceSpans = [], resourceLogs = [] } = JSON.parse(text);
    for (const { scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }: { spans: unknown[] }) => spans)) {
        spans.push({ ...span, attributes: plain(span.attributes) });
      }
    }
    for (const { scopeLogs } of resourceLogs) {
      for (const log of scopeLogs.flatMap(({ logRecords }: { logRecords: unknown[] }) => logRecords)) {
        logs.push({ severity: log.severityText, text: log.body.stringValue.trimEnd(), traceId: log.traceId });
      }
    }
    return Response.json({});
  });
  return {
    environment: {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "replace",
      OTEL_SERVICE_NAME: "ch-sync",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
    },
    spans,
    logs,
    bodies,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}

function plain(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
