/** docs/monitoring/alerts.yml as Prometheus itself evaluates it. */
import assert from "node:assert/strict";
import { REASONS } from "../../src/model/reason.ts";
import { promtool } from "../support/promtool.ts";
import { METRIC, metricNames, ROOT } from "../support/monitoring_files.ts";

const ALERTS = new URL("docs/monitoring/alerts.yml", ROOT);
const TEXT = Deno.readTextFileSync(ALERTS);
const NAMES = [...TEXT.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);

const REPLICA = 'site="local",shard="1",replica="http://dr-b:8123"';

/** Series by their values a minute, as `promtool test rules` writes them, of a passive site where all is well. */
const WELL: Readonly<Record<string, string>> = {
  "up": "1x3000",
  "ch_sync_process_start_time_seconds": "1x3000",
  "ch_sync_check_interval_seconds": "300x3000",
  "ch_sync_last_check_timestamp_seconds": "0+60x3000",
  "ch_sync_failback_ready": "1x3000",
  "ch_sync_standby": "0x3000",
  "ch_sync_paused": "0x3000",
  "ch_sync_seconds_behind": "0x3000",
  "ch_sync_holds_through_seconds": "1+60x3000",
  "ch_sync_oldest_digest_timestamp_seconds": "0+60x3000",
  'ch_sync_site_up{site="local"}': "1x3000",
  'ch_sync_site_up{site="remote"}': "1x3000",
  [`ch_sync_replica_up{${REPLICA}}`]: "1x3000",
  [`ch_sync_replica_tables_not_believed{${REPLICA}}`]: "0x3000",
  'ch_sync_active_site{site="primary"}': "1x3000",
  'ch_sync_active_site{site="dr"}': "0x3000",
  'ch_sync_active_site{site="unknown"}': "0x3000",
  'ch_sync_partitions{state="compared"}': "40x3000",
  'ch_sync_notifications_total{outcome="dropped"}': "0x3000",
  ...Object.fromEntries(Object.keys(REASONS).map((reason) => [finding(reason), "0x3000"])),
};

function finding(reason: string): string {
  return `ch_sync_findings{reason="${reason}"}`;
}

interface Night {
  /** What is not as in `WELL`. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at, and what fires then: no more, and no less. */
  readonly at: string;
  readonly firing: readonly string[];
}

const NIGHTS: Readonly<Record<string, Night>> = {
  "all is well": { series: {}, at: "40h", firing: [] },
  "ready, at the active site of the two": {
    series: {
      "ch_sync_standby": "1x3000",
      "ch_sync_failback_ready": "0x3000",
      "ch_sync_holds_through_seconds": "0x3000",
    },
    at: "40h",
    firing: [],
  },
  "down": { series: { "up": "0x3000" }, at: "11m", firing: ["ChSyncSilent"] },
  "down for a moment": { series: { "up": "0x3000" }, at: "9m", firing: [] },
  "restarted every ten minutes": {
    series: { "ch_sync_process_start_time_seconds": "0+600x3000" },
    at: "1h",
    firing: ["ChSyncRestarts"],
  },
  "no check since the start": {
    series: { "ch_sync_last_check_timestamp_seconds": "0x3000" },
    at: "31m",
    firing: ["ChSyncChecksStale"],
  },
  "a site is down": {
    series: { 'ch_sync_site_up{site="remote"}': "0x3000" },
    at: "11m",
    firing: ["ChSyncSiteDown"],
  },
  "nobody knows who is active": {
    series: {
      'ch_sync_active_site{site="primary"}': "0x3000",
      'ch_sync_active_site{site="unknown"}': "1x3000",
    },
    at: "16m",
    firing: ["ChSyncActiveSiteUnknown"],
  },
  "the other site sees itself as active": {
    series: {
      'ch_sync_active_site{site="dr",instance="b"}': "1x3000",
    },
    at: "31m",
    firing: ["ChSyncSitesDisagree"],
  },
  "not ready for six hours": {
    series: { "ch_sync_failback_ready": "0x3000" },
    at: "361m",
    firing: ["ChSyncNotReady"],
  },
  "paused for the evening": { series: { "ch_sync_paused": "1x3000" }, at: "121m", firing: ["ChSyncPaused"] },
  "paused for an hour": { series: { "ch_sync_paused": "1x60 0x3000" }, at: "121m", firing: [] },
  "two hours behind": {
    series: { "ch_sync_seconds_behind": "7200x3000" },
    at: "31m",
    firing: ["ChSyncBehind"],
  },
  "nothing newer is known to be here": {
    series: { "ch_sync_holds_through_seconds": "1x3000" },
    at: "151m",
    firing: ["ChSyncHoldsOld"],
  },
  "nobody knows what is here": {
    series: { "ch_sync_holds_through_seconds": "0x3000" },
    at: "361m",
    firing: ["ChSyncHoldsUnknown"],
  },
  "a table lacks rows": {
    series: { 'ch_sync_table_missing_rows{table="shop.orders"}': "5x3000" },
    at: "121m",
    firing: ["ChSyncTableLacksRows"],
  },
  "recurring": { series: { [finding("recurring")]: "0 1x3000" }, at: "1m", firing: ["ChSyncRecurring"] },
  "shrunk": { series: { [finding("shrunk")]: "0 1x3000" }, at: "1m", firing: ["ChSyncShrunk"] },
  "refused": { series: { [finding("independent")]: "3x3000" }, at: "16m", firing: ["ChSyncRefused"] },
  "a new table": { series: { [finding("new")]: "1x3000" }, at: "31m", firing: ["ChSyncNewTables"] },
  "failing": { series: { [finding("failed")]: "1x3000" }, at: "31m", firing: ["ChSyncFailing"] },
  "put off": { series: { [finding("mutating")]: "1x3000" }, at: "721m", firing: ["ChSyncPutOff"] },
  "lagging": { series: { [finding("lagging")]: "1x3000" }, at: "61m", firing: ["ChSyncLagging"] },
  "a replica is down": {
    series: { [`ch_sync_replica_up{${REPLICA}}`]: "0x3000" },
    at: "61m",
    firing: ["ChSyncReplicaDown"],
  },
  "a replica is behind": {
    series: { [`ch_sync_replica_tables_not_believed{${REPLICA}}`]: "2x3000" },
    at: "361m",
    firing: ["ChSyncReplicaBehind"],
  },
  "never digested": {
    series: { "ch_sync_oldest_digest_timestamp_seconds": `${-40 * 86_400}x3000` },
    at: "25h",
    firing: ["ChSyncDigestsOld"],
  },
  "a message was given up": {
    series: { 'ch_sync_notifications_total{outcome="dropped"}': "0x10 1x3000" },
    at: "30m",
    firing: ["ChSyncMessagesDropped"],
  },
};

Deno.test("alerts.yml is what promtool takes, and names metrics that exist", async () => {
  await promtool(["check", "rules", ALERTS.pathname]);
  const exprs = [...TEXT.matchAll(/expr: (.+)/g)].map(([, expr]) => expr).join("\n");
  for (const [name] of exprs.matchAll(METRIC)) assert.ok(metricNames().has(name), name);
});

Deno.test("every alert fires in the night that it is for, and no other with it", async () => {
  const tests = Object.entries(NIGHTS).map(([name, { series, at, firing }]) => ({
    name,
    interval: "1m",
    input_series: Object.entries({ ...WELL, ...series }).map(([series, values]) => ({
      series: labelled(series),
      values,
    })),
    promql_expr_test: [{
      expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
      eval_time: at,
      exp_samples: firing.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
    }],
  }));
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(
      path,
      JSON.stringify({ rule_files: [ALERTS.pathname], evaluation_interval: "1m", tests }),
    );
    await promtool(["test", "rules", path]);
  } finally {
    await Deno.remove(path);
  }
  assert.deepEqual(
    [...new Set(Object.values(NIGHTS).flatMap(({ firing }) => firing))].sort(),
    NAMES.toSorted(),
  );
});

Deno.test("whatever waits for an operator or keeps a check from being clean has an alert of its own", () => {
  const named = [...TEXT.matchAll(/reason=~?"([\w|]+)"/g)].flatMap(([, reasons]) => reasons!.split("|"));
  const wanted = Object.entries(REASONS).filter(([, { clean }]) => !clean).map(([reason]) => reason);
  assert.deepEqual(named.toSorted(), wanted.toSorted());
});

Deno.test("docs/monitoring.md says of every alert why it matters", () => {
  const page = Deno.readTextFileSync(new URL("docs/monitoring.md", ROOT));
  const rows = [...page.matchAll(/^\| `(ChSync\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(rows, NAMES);
});

function labelled(series: string): string {
  const [name, labels = ""] = series.replace("}", "").split("{");
  const all = [labels, 'job="ch-sync"', ...labels.includes("instance") ? [] : ['instance="a"']].filter(
    Boolean,
  );
  return `${name}{${all.join(",")}}`;
}
