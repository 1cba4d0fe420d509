/** Telemetry of all kinds over OTLP (HTTP, JSON), each event with an id of its own among its attributes. */

export const KINDS = [
  "log",
  "span",
  "gauge",
  "sum",
  "histogram",
  "exponential_histogram",
  "summary",
] as const;
export type Kind = typeof KINDS[number];

export interface Event {
  readonly id: string;
  readonly kind: Kind;
  /** Unix milliseconds: what the event says of itself, whenever it arrives. */
  readonly at: number;
}

/** The attribute that holds the id. */
export const ID = "event.id";

const TWO_HOURS_MS = 2 * 3600_000;

/** Events of all kinds by turns, evenly over the two hours that begin at `from` (unix milliseconds). */
export function twoHoursOf(phase: string, from: number, count: number): Event[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `${phase}-${n}`,
    kind: KINDS[n % KINDS.length]!,
    at: from + Math.floor(n * TWO_HOURS_MS / count),
  }));
}

/**
 * Sends events to a collector, which has taken them when this is done.
 *
 * @param url of its OTLP receiver
 * @throws if it does not take them
 */
export async function send(url: string, events: readonly Event[]): Promise<void> {
  const of = (wanted: (kind: Kind) => boolean) => events.filter(({ kind }) => wanted(kind));
  const [logs, spans] = [of((kind) => kind === "log"), of((kind) => kind === "span")];
  const points = of((kind) => kind !== "log" && kind !== "span");
  const scope = { name: "generator", version: "1" };
  await post(`${url}/v1/logs`, logs, {
    resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope, logRecords: logs.map(logRecord) }] }],
  });
  await post(`${url}/v1/traces`, spans, {
    resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ scope, spans: spans.map(span) }] }],
  });
  await post(`${url}/v1/metrics`, points, {
    resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ scope, metrics: points.map(metric) }] }],
  });
}

async function post(url: string, events: readonly Event[], body: unknown): Promise<void> {
  if (events.length === 0) return;
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
}

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const RESOURCE = { attributes: [text("service.name", "shop"), text("k8s.pod.name", "shop-1")] };
const nanoseconds = (at: number) => `${at}000000`;
const attributes = (event: Event) => [text(ID, event.id), text("http.route", "/orders")];

function logRecord(event: Event) {
  return {
    timeUnixNano: nanoseconds(event.at),
    severityNumber: 9,
    severityText: "INFO",
    eventName: "order.paid",
    body: { stringValue: `order ${event.id} was paid` },
    attributes: attributes(event),
  };
}

function span(event: Event) {
  const hex = [...new TextEncoder().encode(event.id)].map((byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  return {
    traceId: hex.slice(-32).padStart(32, "a"),
    spanId: hex.slice(-16).padStart(16, "b"),
    name: "GET /orders",
    kind: 2,
    startTimeUnixNano: nanoseconds(event.at),
    endTimeUnixNano: nanoseconds(event.at + 25),
    attributes: attributes(event),
    events: [{ timeUnixNano: nanoseconds(event.at + 5), name: "paid", attributes: [] }],
    status: { code: 1 },
  };
}

function metric(event: Event) {
  const point = {
    attributes: attributes(event),
    startTimeUnixNano: nanoseconds(event.at - 60_000),
    timeUnixNano: nanoseconds(event.at),
  };
  const counted = { ...point, count: "4", sum: 10 };
  const kinds: Readonly<Record<Exclude<Kind, "log" | "span">, unknown>> = {
    gauge: { gauge: { dataPoints: [{ ...point, asDouble: 0.5 }] } },
    sum: { sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...point, asInt: "7" }] } },
    histogram: {
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ ...counted, bucketCounts: ["1", "2", "1"], explicitBounds: [1, 5], min: 0.5, max: 6 }],
      },
    },
    exponential_histogram: {
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [{
          ...counted,
          scale: 1,
          zeroCount: "1",
          positive: { offset: 0, bucketCounts: ["1", "2"] },
          negative: { offset: 0, bucketCounts: [] },
        }],
      },
    },
    summary: { summary: { dataPoints: [{ ...counted, quantileValues: [{ quantile: 0.5, value: 2 }] }] } },
  };
  const kind = event.kind as keyof typeof kinds;
  return { name: `shop.${kind}`, unit: "1", ...kinds[kind] as object };
}
