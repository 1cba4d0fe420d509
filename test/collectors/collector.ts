/** A collector as a process of its own: OTLP in, one exporter and one queue on disk for each site. */
import type { SiteName } from "../../src/model/site.ts";
import { freePort } from "../support/sites/free_port.ts";
import { until } from "../support/program/endings.ts";

/** How it reaches a site. */
export interface Target {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface CollectorOptions {
  /** The program, as `buildCollector()` made it. */
  readonly program: string;
  /** Keeps its configuration, its queues and its log. */
  readonly folder: string;
  readonly targets: Readonly<Record<SiteName, Target>>;
  /** More settings of the exporters. */
  readonly exporter?: Readonly<Record<string, unknown>>;
}

const SITES = ["primary", "dr"] as const satisfies readonly SiteName[];
/** What `batch` gathers before it hands on. */
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
    using log = await Deno.open(`${folder}/log`, { create: true, append: true });
    const child = new Deno.Command("sh", {
      // What it says goes to a file, which outlives it.
      args: ["-c", 'exec "$0" --config="$1" >>"$2" 2>&1', program, `${folder}/config.yaml`, `${folder}/log`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#child = child;
    let ended = false;
    child.status.then(() => ended = true);
    await until("a collector's start", async () => {
      if (ended) throw new Error(`The collector ended:\n${await Deno.readTextFile(`${folder}/log`)}`);
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

  async [Symbol.asyncDispose]() {
    await this.kill();
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = null;
    child.kill(signal);
    await child.status;
  }

  #configuration() {
    const { folder, targets, exporter = {} } = this.#options;
    const exporters = SITES.map((site) => {
      const { port, user, password } = targets[site];
      return [`clickhouse/${site}`, {
        endpoint: `tcp://127.0.0.1:${port}`,
        username: user,
        password,
        database: "otel",
        create_schema: true,
        timeout: "5s",
        sending_queue: { storage: "file_storage/queue", num_consumers: 1, queue_size: 10_000 },
        // Until the site takes it, however long that is.
        retry_on_failure: { initial_interval: "100ms", max_interval: "500ms", max_elapsed_time: "0s" },
        ...exporter,
      }] as const;
    });
    const pipeline = {
      receivers: ["otlp"],
      processors: ["batch"],
      exporters: exporters.map(([name]) => name),
    };
    return {
      extensions: { "file_storage/queue": { directory: `${folder}/queue` } },
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${this.#ports.otlp}` } } } },
      processors: { batch: { send_batch_size: BATCH, send_batch_max_size: BATCH, timeout: "200ms" } },
      exporters: Object.fromEntries(exporters),
      service: {
        extensions: ["file_storage/queue"],
        pipelines: { logs: pipeline, traces: pipeline, metrics: pipeline },
        telemetry: {
          logs: { level: "warn" },
          metrics: {
            readers: [{
              pull: { exporter: { prometheus: { host: "127.0.0.1", port: this.#ports.metrics } } },
            }],
          },
        },
      },
    };
  }
}

const JSON_BODY = { "content-type": "application/json" };
