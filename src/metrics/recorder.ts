/** From what checks, repairs, statements and messages come to, to what Prometheus scrapes. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Observer } from "../check/ports.ts";
import { type Reason, REASONS } from "../model/reason.ts";
import type { CheckOutcome, CheckReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import type { State } from "../model/state.ts";
import { isClean, isSettled, provedSomething } from "../reconcile/judge_check.ts";
import { escapeControls } from "../report/escape_controls.ts";
import { isReady } from "../reconcile/verdict.ts";
import { CATALOG, type Metric, type MetricKey } from "./catalog.ts";

/** Tables with a time series of their own at most. */
const TABLES = 50;

const OUTCOMES = ["completed", "standby", "role_unknown", "site_unreachable", "failed", "aborted"] as const;

export class MetricsRecorder {
  readonly #registry = new Registry();
  readonly #gauges = new Map<MetricKey, Gauge>();
  readonly #counters = new Map<MetricKey, Counter>();
  readonly #histograms = new Map<MetricKey, Histogram>();
  #state: State | null = null;
  #repairBegan = 0;

  constructor(
    settings: Pick<Settings, "role" | "failbackCleanChecks" | "checkIntervalSeconds">,
    version: string,
  ) {
    for (const [key, metric] of Object.entries(CATALOG) as [MetricKey, Metric][]) this.#register(key, metric);
    this.#set("buildInfo", 1, { version });
    this.#set("role", 1, { role: settings.role });
    this.#set("wanted", settings.failbackCleanChecks);
    this.#set("interval", settings.checkIntervalSeconds);
    this.#set("startTime", Math.floor((performance.timeOrigin) / 1000));
    // Whatever may be counted is there from the beginning: a rate needs a zero to rise from.
    for (const outcome of OUTCOMES satisfies readonly CheckOutcome[]) this.#count("checks", 0, { outcome });
    for (const outcome of ["repaired", "failed", "disproved", "views"]) {
      this.#count("repairs", 0, { outcome });
    }
    for (const outcome of ["delivered", "retried", "dropped"]) this.#count("notifications", 0, { outcome });
    for (const site of ["local", "remote"]) {
      for (const outcome of ["ok", "failed"]) this.#count("statements", 0, { site, outcome });
    }
    for (const reason of refused()) this.#count("refusals", 0, { reason });
    this.#findings({ tables: [] });
    for (const key of ["lastSuccess", "lastProven", "behind", "missingRows"] as const) this.#set(key, 0);
  }

  /** The state as it was loaded. */
  loaded(state: State): void {
    this.#state = state;
  }

  checked(report: CheckReport, state: State, seconds: number, now: Date): void {
    this.#state = state;
    this.#count("checks", 1, { outcome: report.outcome });
    this.#histograms.get("checkSeconds")!.observe(seconds);
    if (isClean(report)) this.#set("lastSuccess", now.getTime() / 1000);
    if (provedSomething(report)) this.#set("lastProven", now.getTime() / 1000);
    if (report.outcome === "completed" || report.outcome === "standby") this.#findings(report, now);
    for (const { reason } of report.tables.flatMap(({ findings }) => findings)) {
      if (refused().includes(reason)) this.#count("refusals", 1, { reason });
    }
  }

  statement(site: "local" | "remote", outcome: "ok" | "failed"): void {
    this.#count("statements", 1, { site, outcome });
  }

  notification(outcome: "delivered" | "retried" | "dropped"): void {
    this.#count("notifications", 1, { outcome });
  }

  readonly observer: Partial<Observer> = {
    repairing: () => {
      this.#repairBegan = performance.now();
    },
    repaired: ({ bytes }, outcome) => {
      this.#count("repairs", 1, { outcome: outcome.kind });
      this.#histograms.get("repairSeconds")!.observe((performance.now() - this.#repairBegan) / 1000);
      if (outcome.kind !== "repaired") return;
      this.#count("repairedRows", Number(outcome.rows));
      this.#count("repairedBytes", bytes);
    },
  };

  /** What holds only as long as the clock has not passed it is judged by `now`. */
  async render(now: Date): Promise<{ readonly body: string; readonly contentType: string }> {
    const state = this.#state;
    if (state) this.#standing(state, now);
    this.#set("residentMemory", Deno.memoryUsage().rss);
    return { body: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  #standing(state: State, now: Date): void {
    const at = (time: string | null) => time === null ? 0 : Date.parse(time) / 1000;
    for (const site of ["primary", "dr", "unknown"]) {
      this.#set("activeSite", Number(state.active_site === site), { site });
    }
    for (const site of ["local", "remote"]) {
      this.#set("siteUp", Number(state.last_check !== null && !state.unreachable.includes(site)), { site });
    }
    this.#set("ready", Number(isReady(state, now)));
    this.#set("clean", state.consecutive_clean);
    this.#set("lastCheck", at(state.last_check));
    this.#set("verifiedThrough", at(state.verified_through));
    this.#set("oldestDigest", at(state.oldest_digest));
    const { partitions_checked: all, partitions_proven: proven, partitions_counted: counted } = state;
    for (const [name, number] of [["compared", all], ["proven", proven], ["counted", counted]] as const) {
      this.#set("partitions", number, { state: name });
    }
  }

  #findings({ tables }: Pick<CheckReport, "tables">, now = new Date(0)): void {
    const left = tables.flatMap(({ findings }) => findings).filter(({ repaired }) => !repaired);
    const open = left.filter((found) => !isSettled(found));
    for (const reason of Object.keys(REASONS) as Reason[]) {
      this.#set("findings", left.filter((found) => found.reason === reason).length, { reason });
      const of = tables.filter(({ findings }) =>
        findings.some((one) => one.reason === reason && !one.repaired)
      );
      this.#set("tables", of.length, { reason });
    }
    const inSync = tables.filter(({ findings }) => findings.every(({ repaired }) => repaired));
    this.#set("tables", inSync.length, { reason: "in_sync" });
    const partitions = tables.reduce((sum, table) => sum + table.partitions, 0);
    const unproven = tables.reduce((sum, { counted }) => sum + counted, 0) +
      open.filter(({ partitionId }) => partitionId !== null).length;
    this.#set("provenRatio", partitions === 0 ? 0 : Math.max(0, 1 - unproven / partitions));
    this.#set("missingRows", open.reduce((sum, { missing }) => sum + Number(missing), 0));
    const oldest = open.flatMap(({ oldestMissing }) => oldestMissing ?? []);
    this.#set("behind", oldest.length === 0 ? 0 : Math.max(0, now.getTime() / 1000 - Math.min(...oldest)));
    const gauge = this.#gauges.get("tableMissingRows")!;
    gauge.reset();
    const byTable = Object.entries(Object.groupBy(open, ({ table }) => table))
      .map(([table, of = []]) => [table, of.reduce((sum, { missing }) => sum + Number(missing), 0)] as const)
      .toSorted(([, a], [, b]) => b - a).slice(0, TABLES);
    for (const [table, missing] of byTable) gauge.set({ table: escapeControls(table) }, missing);
  }

  #set(key: MetricKey, value: number, labels: Record<string, string> = {}): void {
    this.#gauges.get(key)!.set(labels, value);
  }

  #count(key: MetricKey, by: number, labels: Record<string, string> = {}): void {
    this.#counters.get(key)!.inc(labels, by);
  }

  #register(key: MetricKey, { name, type, help, labels, buckets = [] }: Metric): void {
    const options = { name, help, labelNames: [...labels], registers: [this.#registry] };
    if (type === "gauge") this.#gauges.set(key, new Gauge(options));
    else if (type === "counter") this.#counters.set(key, new Counter(options));
    else this.#histograms.set(key, new Histogram({ ...options, buckets: [...buckets] }));
  }
}

/** Reasons of a guard: ch-sync never repairs these by itself, and they keep a check from being clean. */
function refused(): Reason[] {
  return (Object.keys(REASONS) as Reason[])
    .filter((reason) => REASONS[reason].remedy === "never" && !REASONS[reason].clean && reason !== "new");
}
