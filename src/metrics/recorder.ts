/** From the results of checks, repairs, statements and messages to what Prometheus scrapes. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Observer } from "../check/ports/observer.ts";
import { type Reason, REASONS } from "../model/reason.ts";
import { type CheckOutcome, type CheckReport, replicasAt } from "../model/report.ts";
import { repairKey } from "../model/repair.ts";
import type { Settings } from "../model/settings.ts";
import type { SiteName } from "../model/site.ts";
import type { State } from "../model/state.ts";
import { isClean, isSettled, provedSomething } from "../verdict/clean.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { isReady, leavesClean } from "../verdict/failback_words.ts";
import { CATALOG, type Metric, type MetricKey } from "./catalog.ts";

/** Tables with a time series of their own, at most. */
const TABLES = 50;

const OUTCOMES = ["completed", "standby", "role_unknown", "site_unreachable", "failed", "aborted"] as const;

export class MetricsRecorder {
  #role: SiteName;
  readonly #registry = new Registry();
  readonly #gauges = new Map<MetricKey, Gauge>();
  readonly #counters = new Map<MetricKey, Counter>();
  readonly #histograms = new Map<MetricKey, Histogram>();
  #state: State | null = null;
  #lastSuccess = 0;
  #lastProven = 0;
  /** Unix seconds of the oldest missing row; null: none is known. */
  #oldestMissing: number | null = null;
  /** Whether a check of this process compared the tables. */
  #compared = false;
  /** By table and partition, when its repair began. */
  readonly #repairsBegan = new Map<string, number>();

  constructor(
    settings: Pick<Settings, "role" | "failbackCleanChecks" | "checkIntervalSeconds">,
    build: { readonly version: string; readonly commit: string },
  ) {
    this.#role = settings.role;
    for (const [key, metric] of Object.entries(CATALOG) as [MetricKey, Metric][]) this.#register(key, metric);
    this.#set("buildInfo", 1, { ...build });
    this.uses(settings);
    this.#set("startTime", Math.floor((performance.timeOrigin) / 1000));
    // Every counter is there from the beginning: a rate needs a zero to rise from.
    for (const outcome of OUTCOMES satisfies readonly CheckOutcome[]) this.#count("checks", 0, { outcome });
    for (const outcome of ["repaired", "failed", "disproved", "held", "views"]) {
      this.#count("repairs", 0, { outcome });
    }
    for (const outcome of ["delivered", "retried", "dropped"]) this.#count("notifications", 0, { outcome });
    for (const site of ["local", "remote"]) {
      for (const outcome of ["ok", "failed"]) this.#count("statements", 0, { site, outcome });
    }
    for (const reason of refused()) this.#count("refusals", 0, { reason });
    // Before the first check nobody knows, and a 0 would say that nothing is missing.
    for (const key of ["behind", "missingRows", "unknownAge"] as const) this.#gauges.get(key)!.remove();
  }

  /** Checks run with these settings from now on. */
  uses(settings: Pick<Settings, "role" | "failbackCleanChecks" | "checkIntervalSeconds">): void {
    this.#role = settings.role;
    this.#gauges.get("role")!.reset();
    this.#set("role", 1, { role: settings.role });
    this.#set("wanted", settings.failbackCleanChecks);
    this.#set("interval", settings.checkIntervalSeconds);
  }

  /** The state as an earlier process left it. */
  loaded(state: State): void {
    this.#state = state;
    if (state.consecutive_clean > 0) this.#lastSuccess = this.#lastProven = unixSeconds(state.last_check);
  }

  /** A check threw an error, and left this state. */
  broke(state: State): void {
    this.#state = state;
    this.#count("checks", 1, { outcome: "failed" });
  }

  checked(report: CheckReport, state: State, seconds: number, now: Date): void {
    this.#state = state;
    this.#count("checks", 1, { outcome: report.outcome });
    this.#histograms.get("checkSeconds")!.observe(seconds);
    if (isClean(report)) this.#lastSuccess = now.getTime() / 1000;
    if (provedSomething(report)) this.#lastProven = now.getTime() / 1000;
    if (report.outcome === "completed" || report.outcome === "standby") this.#findings(report);
    this.#replicas(report.replicas);
    if (report.outcome !== "role_unknown" && report.outcome !== "aborted") {
      for (const site of ["local", "remote"] as const) {
        this.#set("siteUp", Number(!report.unreachable.includes(site)), { site });
      }
    }
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
    repairing: (first, beside = []) => {
      for (const repair of [first, ...beside]) this.#repairsBegan.set(repairKey(repair), performance.now());
    },
    repaired: (repair, outcome) => {
      this.#count("repairs", 1, { outcome: outcome.kind });
      const now = performance.now();
      const took = (now - (this.#repairsBegan.get(repairKey(repair)) ?? now)) / 1000;
      this.#repairsBegan.delete(repairKey(repair));
      const seconds = outcome.kind === "repaired" ? outcome.seconds ?? took : took;
      this.#histograms.get("repairSeconds")!.observe(seconds);
      if (outcome.kind !== "repaired") return;
      this.#count("repairedRows", Number(outcome.rows));
      this.#count("repairedBytes", repair.bytes);
    },
  };

  /**
   * @param now decides whether what expires still counts
   * @param paused whether repairs are
   */
  async render(
    now: Date,
    paused = false,
  ): Promise<{ readonly body: string; readonly contentType: string }> {
    this.#set("paused", Number(paused));
    const state = this.#state;
    if (state) this.#standing(state, now);
    if (this.#compared) {
      const since = this.#oldestMissing ?? now.getTime() / 1000;
      this.#set("behind", Math.max(0, now.getTime() / 1000 - since));
    }
    this.#set("residentMemory", Deno.memoryUsage().rss);
    return { body: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  #standing(state: State, now: Date): void {
    for (const site of ["primary", "dr", "unknown"]) {
      this.#set("activeSite", Number(state.active_site === site), { site });
    }
    const standby = state.active_site === this.#role;
    this.#set("standby", Number(standby));
    this.#set("ready", Number(!standby && isReady(state, now)));
    this.#set("clean", state.consecutive_clean);
    this.#set("lastCheck", unixSeconds(state.last_check));
    this.#set("verifiedThrough", unixSeconds(state.verified_through));
    this.#set("holdsThrough", standby ? 0 : unixSeconds(state.holds?.through ?? null));
    this.#set("holdsUnknown", standby ? 0 : state.holds?.unknown.length ?? 0);
    this.#set("oldestDigest", unixSeconds(state.oldest_digest));
    this.#set("lastSuccess", this.#lastSuccess);
    this.#set("lastProven", this.#lastProven);
    const { partitions_checked: all, partitions_proven: proven, partitions_counted: counted } = state;
    for (const [name, number] of [["compared", all], ["proven", proven], ["counted", counted]] as const) {
      this.#set("partitions", number, { state: name });
    }
    const unsettled = this.#reasons(state);
    // A table that is refused as a whole counts as one partition, so the share is never too high.
    this.#set("provenRatio", all === 0 ? 0 : Math.max(0, 1 - (counted + unsettled) / all));
  }

  /** Tables and findings by reason. Returns how many findings keep a check from being clean. */
  #reasons({ reasons, tables_checked, new_tables_detected }: State): number {
    const tables = new Map<string, number>();
    const findings = new Map<string, number>();
    for (const [reason, of] of Object.values(reasons).flatMap((counts) => Object.entries(counts))) {
      tables.set(reason, (tables.get(reason) ?? 0) + 1);
      findings.set(reason, (findings.get(reason) ?? 0) + of);
    }
    for (const reason of Object.keys(REASONS)) {
      this.#set("tables", tables.get(reason) ?? 0, { reason });
      this.#set("findings", findings.get(reason) ?? 0, { reason });
    }
    const all = tables_checked + new_tables_detected.length;
    this.#set("tables", Math.max(0, all - Object.keys(reasons).length), { reason: "in_sync" });
    return [...findings].reduce((sum, [reason, of]) => leavesClean(reason) ? sum : sum + of, 0);
  }

  #replicas(replicas: CheckReport["replicas"]): void {
    for (const key of ["replicaRead", "replicaUp", "replicaDoubted"] as const) this.#gauges.get(key)!.reset();
    for (const site of ["local", "remote"] as const) {
      for (const [at, shard] of replicasAt(replicas, site).entries()) {
        for (const { url, read, version, doubted } of shard.addresses) {
          const labels = { site, shard: String(at + 1), replica: url };
          this.#set("replicaRead", Number(read), labels);
          this.#set("replicaUp", Number(version !== null), labels);
          if (doubted !== null) this.#set("replicaDoubted", doubted, labels);
        }
      }
    }
  }

  #findings({ tables }: Pick<CheckReport, "tables">): void {
    const open = tables.flatMap(({ findings }) => findings).filter((found) => !isSettled(found));
    const times = open.flatMap(({ oldestMissing }) => oldestMissing ?? []);
    this.#compared = true;
    // Not `Math.min(...times)`: there may be more of them than a call takes arguments.
    this.#oldestMissing = times.length === 0 ? null : times.reduce((low, time) => Math.min(low, time));
    this.#set("missingRows", open.reduce((sum, { missing }) => sum + Number(missing), 0));
    this.#set("unknownAge", open.length - times.length);
    const gauge = this.#gauges.get("tableMissingRows")!;
    gauge.reset();
    const byTable = Object.entries(Object.groupBy(open, ({ table }) => table))
      .map(([table, of = []]) => [table, of.reduce((sum, { missing }) => sum + Number(missing), 0)] as const)
      .filter(([, missing]) => missing > 0)
      .toSorted(([, a], [, b]) => b - a).slice(0, TABLES);
    // Half of a surrogate pair has no UTF-8.
    for (const [table, missing] of byTable) {
      gauge.set({ table: escapeControls(table).toWellFormed() }, missing);
    }
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

/** Of an ISO 8601 time; 0 for none. */
function unixSeconds(time: string | null): number {
  return time === null ? 0 : Date.parse(time) / 1000;
}

/** Reasons of a guard: ch-sync never repairs these by itself, and they keep a check from being clean. */
function refused(): Reason[] {
  return (Object.keys(REASONS) as Reason[])
    .filter((reason) => REASONS[reason].remedy === "never" && !REASONS[reason].clean && reason !== "new");
}
