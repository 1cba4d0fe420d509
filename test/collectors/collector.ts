/** A collector as a process of its own: OTLP in, one exporter and one queue on disk for each site. */
import type { SiteName } from "../../src/model/site.ts";
import { freePort } from "../support/sites/free_port.ts";
import { until } from "../support/program/endings.ts";

/** How it reaches a site. */
export interface Target {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Into which table logs go; default: the exporter's. */
  readonly logs?: string;
  /** Settings of its INSERTs, besides the exporter's. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** How it goes about it. */
export interface Manners {
  /**
   * Who gathers events into a batch: the processor `batch`, in memory; the queue itself, on disk (`sending_queue.batch`); or
   * nobody, so that each request becomes one INSERT.
   */
  readonly batches: "processor" | "queue" | "none";
  /** Seconds that an INSERT may take before it is tried again. */
  readonly timeout?: number;
  /** Seconds for which a batch is tried before it is thrown away; 0: until the site takes it. */
  readonly givesUpAfter?: number;
  /** Whether the exporters make the tables, as they do unless they are told not to; default: yes. */
  readonly createsTables?: boolean;
}

export interface CollectorOptions extends Manners {
  /** The program, as `buildCollector()` made it. */
  readonly program: string;
  /** Keeps its configuration, its queues and its log. */
  readonly folder: string;
  readonly targets: Readonly<Record<SiteName, Target>>;
}

const SITES = ["primary", "dr"] as const satisfies readonly SiteName[];
/** Events that become one INSERT. */
export const BATCH = 100;

export class Collector implements AsyncDisposable {
  readonly #options: CollectorOptions;
  readonly #ports = { otlp: freePort(), metrics: freePort() };
  #child: Deno.ChildProcess | null = null;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Of its OTLP receiver. */
  get url(): string {
    return `http://127.0.0.1:${this.#ports.otlp}`;
  }

  /** Starts it, with the queues that it has on disk, and waits until it takes events. */
  async start(): Promise<void> {
    const { program, folder } = this.#options;
    await Deno.mkdir(`${folder}/queue`, { recursive: true });
    await Deno.writeTextFile(`${folder}/config.yaml`, JSON.stringify(this.#configuration(), null, 2));
    const child = new Deno.Command("sh", {
      // What it says goes to a file, which outlives it.
      args: ["-c", 'exec "$0" --config="$1" >>"$2" 2>&1', program, `${folder}/config.yaml`, `${folder}/log`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#child = child;
    let ended = false;
    child.status.then(() => {
      ended = true;
      if (this.#child === child) this.#child = null;
    });
    await until("a collector's start", async () => {
      if (ended) throw new Error(`The collector ended:\n${await this.#log()}`);
      return await fetch(`${this.url}/v1/logs`, { method: "POST", body: "{}", headers: JSON_BODY })
        .then(async (response) => (await response.text(), response.ok), () => false);
    });
  }

  /** As a service manager ends it: what is in its batches goes to its queues. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Requests that wait in the queues for a site, as the collector's own metric `otelcol_exporter_queue_size` says it. */
  async queued(site: SiteName): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.metrics}/metrics`);
    const lines = (await response.text()).split("\n")
      .filter((line) =>
        line.startsWith("otelcol_exporter_queue_size{") && line.includes(`"clickhouse/${site}"`)
      );
    return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  }

  /** INSERTs that failed, or that got no answer in time, and are to be tried again: what its log says. */
  async retries(): Promise<number> {
    return (await this.#log()).split("Will retry the request after interval").length - 1;
  }

  async [Symbol.asyncDispose]() {
    await this.kill();
  }

  async #log(): Promise<string> {
    return await Deno.readTextFile(`${this.#options.folder}/log`).catch(() => "");
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = null;
    child.kill(signal);
    await child.status;
  }

  #configuration() {
    const { folder, targets, batches, timeout = 60, givesUpAfter = 0, createsTables = true } = this.#options;
    const queue = { storage: "file_storage/queue", num_consumers: 2, queue_size: 10_000 };
    const batch = { sizer: "items", min_size: BATCH, max_size: BATCH, flush_timeout: "200ms" };
    const exporters = SITES.map((site) => {
      const { port, user, password, logs, parameters } = targets[site];
      return [`clickhouse/${site}`, {
        endpoint: `tcp://127.0.0.1:${port}`,
        ...logs ? { logs_table_name: logs } : {},
        ...parameters ? { connection_params: parameters } : {},
        username: user,
        password,
        database: "otel",
        create_schema: createsTables,
        timeout: `${timeout}s`,
        sending_queue: batches === "queue" ? { ...queue, batch } : queue,
        retry_on_failure: {
          initial_interval: "100ms",
          max_interval: "500ms",
          max_elapsed_time: `${givesUpAfter}s`,
        },
      }] as const;
    });
    const processors = batches === "processor" ? ["batch"] : [];
    const pipeline = { receivers: ["otlp"], processors, exporters: exporters.map(([name]) => name) };
    const prometheus = { host: "127.0.0.1", port: this.#ports.metrics };
    return {
      extensions: { "file_storage/queue": { directory: `${folder}/queue` } },
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${this.#ports.otlp}` } } } },
      processors: { batch: { send_batch_size: BATCH, send_batch_max_size: BATCH, timeout: "200ms" } },
      exporters: Object.fromEntries(exporters),
      service: {
        extensions: ["file_storage/queue"],
        pipelines: { logs: pipeline, traces: pipeline, metrics: pipeline },
        telemetry: {
          logs: { level: "info" },
          metrics: { readers: [{ pull: { exporter: { prometheus } } }] },
        },
      },
    };
  }
}

const JSON_BODY = { "content-type": "application/json" };
