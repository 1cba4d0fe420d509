import assert from "node:assert/strict";
import { CATALOG, type Metric } from "../../src/metrics/catalog.ts";
import { MetricsRecorder } from "../../src/metrics/recorder.ts";
import { type Reason, REASONS } from "../../src/model/reason.ts";
import type { Repair } from "../../src/model/repair.ts";
import type { SeenAddress } from "../../src/model/replica_pick.ts";
import type { CheckReport } from "../../src/model/report.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { nextState } from "../../src/verdict/next_state.ts";
import { found, report } from "../support/data/tables.ts";
import { promtool } from "../support/promtool.ts";

const POLICY = { role: "dr", failbackCleanChecks: 3, checkIntervalSeconds: 300 } as const;
const NOW = new Date("2026-01-02T00:00:00Z");
const MINUTE = 60_000;

function recorder(state: State = FRESH_STATE): MetricsRecorder {
  const metrics = new MetricsRecorder(POLICY, { version: "1.2.3", commit: "0123456789ab" });
  metrics.loaded(state);
  return metrics;
}

/** The recorder after one check with this report, and the state after it. */
function after(report: CheckReport, before: State = FRESH_STATE) {
  const metrics = recorder(before);
  const state = nextState(before, report, POLICY, "digest", NOW);
  metrics.checked(report, state, 2, NOW);
  return { metrics, state };
}

async function series(metrics: MetricsRecorder, now = NOW): Promise<Map<string, number>> {
  const { body } = await metrics.render(now);
  return new Map(
    body.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

Deno.test("promtool has nothing to say against what is served, whatever tables are called", async () => {
  const table = 'd.a"b\\c\nd\u0007\ud800';
  const { metrics } = after(
    report([{ table, findings: [found({ table, reason: "independent", missing: 3n })] }]),
  );
  const { body, contentType } = await metrics.render(NOW);
  await promtool(["check", "metrics"], body);
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  for (const { name, type } of Object.values<Metric>(CATALOG)) {
    assert.match(body, new RegExp(`^# HELP ${name} .+\n# TYPE ${name} ${type}$`, "m"));
    assert.match(name, /^ch_sync_/);
  }
});

Deno.test("ready is 1 only until it expires, and never at the active site", async () => {
  const ready = {
    ...FRESH_STATE,
    last_check: NOW.toISOString(),
    failback_ready: true,
    consecutive_clean: 3,
    active_site: "primary",
    ready_until: new Date(NOW.getTime() + 10 * MINUTE).toISOString(),
  } as const;
  const at = async (state: State, minutes: number) =>
    (await series(recorder(state), new Date(NOW.getTime() + minutes * MINUTE))).get("ch_sync_failback_ready");
  assert.equal(await at(ready, 9), 1);
  assert.equal(await at(ready, 11), 0);
  assert.equal(await at({ ...ready, active_site: "dr" }, 9), 0);
  assert.equal(await at(FRESH_STATE, 0), 0);
});

Deno.test("a state that could not be written takes ready away all the same", async () => {
  const ready_until = new Date(NOW.getTime() + MINUTE).toISOString();
  const metrics = recorder({
    ...FRESH_STATE,
    last_check: NOW.toISOString(),
    failback_ready: true,
    ready_until,
  });
  assert.equal((await series(metrics)).get("ch_sync_failback_ready"), 1);
  metrics.broke(FRESH_STATE);
  const seen = await series(metrics);
  assert.equal(seen.get("ch_sync_failback_ready"), 0);
  assert.equal(seen.get('ch_sync_checks_total{outcome="failed"}'), 1);
});

Deno.test("before a check has compared anything, nothing says that nothing is missing or that sites are up", async () => {
  const unknown = [...(await series(recorder())).keys()].filter((name) =>
    /behind|missing_rows|unknown_age|site_up/.test(name)
  );
  assert.deepEqual(unknown, []);
  const { metrics } = after(report([], { outcome: "role_unknown", active: "unknown" }));
  assert.deepEqual([...(await series(metrics)).keys()].filter((name) => name.includes("site_up")), []);
});

Deno.test("seconds behind is the age of the oldest row that is still missing, and grows by the clock", async () => {
  const ago = (hours: number) => NOW.getTime() / 1000 - 3600 * hours;
  const { metrics } = after(report([{
    findings: [
      found({ reason: "missing", missing: 5n, oldestMissing: ago(9), repaired: true }),
      found({ reason: "partial", missing: 2n, oldestMissing: ago(2) }),
      found({ reason: "independent", missing: 1n, oldestMissing: ago(3) }),
      found({ reason: "expiring", missing: 7n, oldestMissing: ago(8) }),
      found({ reason: "drifted", partitionId: null }),
    ],
  }]));
  const seen = await series(metrics);
  assert.equal(seen.get("ch_sync_seconds_behind"), 3 * 3600);
  assert.equal(seen.get("ch_sync_missing_rows"), 3);
  assert.equal(seen.get("ch_sync_findings_of_unknown_age"), 1);
  const later = await series(metrics, new Date(NOW.getTime() + 60 * MINUTE));
  assert.equal(later.get("ch_sync_seconds_behind"), 4 * 3600);
  const { metrics: whole } = after(report([{}]));
  assert.equal((await series(whole)).get("ch_sync_seconds_behind"), 0);
});

Deno.test("every reason has its series, at 0 where there is none; tables in sync are counted", async () => {
  const { metrics } = after(report([
    { table: "d.a" },
    {
      table: "d.b",
      findings: [found({ table: "d.b", reason: "hot" }), found({ table: "d.b", reason: "hot" })],
    },
    { table: "d.c", findings: [found({ table: "d.c", reason: "new", partitionId: null })] },
  ]));
  const seen = await series(metrics);
  for (const reason of Object.keys(REASONS) as Reason[]) {
    const expected = reason === "hot" ? [1, 2] : reason === "new" ? [1, 1] : [0, 0];
    const told = ["tables", "findings"].map((what) => seen.get(`ch_sync_${what}{reason="${reason}"}`));
    assert.deepEqual(told, expected, reason);
  }
  assert.equal(seen.get('ch_sync_tables{reason="in_sync"}'), 1);
});

Deno.test("no more is said to be proven than is", async () => {
  const tables = [
    { table: "d.a", partitions: 10, counted: 2, proven: 3, findings: [found({ reason: "independent" })] },
    { table: "d.b", partitions: 10, findings: [found({ reason: "surplus" })] },
  ];
  const seen = await series(after(report(tables)).metrics);
  assert.equal(seen.get("ch_sync_proven_ratio"), 17 / 20);
  assert.equal(seen.get('ch_sync_partitions{state="counted"}'), 2);
  assert.equal((await series(recorder())).get("ch_sync_proven_ratio"), 0);
});

Deno.test("what an earlier process left is there before the first check", async () => {
  const { state } = after(report([{}]));
  const seen = await series(recorder({ ...state, reasons: { "d.t": { hot: 4 } } }));
  assert.equal(seen.get('ch_sync_findings{reason="hot"}'), 4);
  assert.equal(seen.get("ch_sync_last_success_timestamp_seconds"), NOW.getTime() / 1000);
  assert.equal(seen.get("ch_sync_consecutive_clean_checks"), 1);
});

Deno.test("repairs count by their outcome, rows only where they were proven", async () => {
  const metrics = recorder();
  const repair = { pair: { name: "d.t" }, bytes: 500 } as Repair;
  metrics.observer.repairing!(repair);
  await metrics.observer.repaired!(repair, { kind: "repaired", rows: 12n, queryIds: [] });
  metrics.observer.repairing!(repair);
  await metrics.observer.repaired!(repair, { kind: "failed", error: "no" });
  const seen = await series(metrics);
  const told = ['repairs_total{outcome="repaired"}', 'repairs_total{outcome="failed"}', "repaired_rows_total"]
    .map((name) => seen.get(`ch_sync_${name}`));
  assert.deepEqual(told, [1, 1, 12]);
  assert.equal(seen.get("ch_sync_repaired_bytes_total"), 500);
  assert.equal(seen.get("ch_sync_repair_duration_seconds_count"), 2);
});

Deno.test("500 tables with 150,000 partitions that all lack rows make a page of bounded size", async () => {
  const tables = Array.from({ length: 500 }, (_, number) => ({
    table: `database.table_${number}`,
    partitions: 300,
    findings: Array.from({ length: 300 }, (_, partition) =>
      found({
        table: `database.table_${number}`,
        partitionId: String(partition),
        reason: "independent",
        missing: BigInt(number),
        oldestMissing: partition,
      })),
  }));
  const { metrics } = after(report(tables));
  const { body } = await metrics.render(NOW);
  const lines = body.split("\n").filter((line) => !line.startsWith("#")).length;
  assert.ok(lines < 300, `${lines} series`);
  assert.ok(body.length < 40_000, `${body.length} bytes`);
  assert.equal((body.match(/^ch_sync_table_missing_rows\{/gm) ?? []).length, 50);
  assert.match(body, /^ch_sync_table_missing_rows\{table="database\.table_499"\} 149700$/m);
});

Deno.test("each replica has its series, by shard and address; where a site has one address there are none", async () => {
  const address = (url: string, fields: Partial<SeenAddress> = {}): SeenAddress => ({
    url,
    read: false,
    version: "26.7",
    skewSeconds: 0,
    doubted: 0,
    remark: null,
    ...fields,
  });
  const shards = [
    [address("http://a1", { doubted: 2 }), address("http://a2", { read: true })],
    [address("http://b1", { read: true }), address("http://b2", { version: null, doubted: null })],
  ].map((addresses) => ({ url: "", others: [], addresses }));
  const { metrics, state } = after({
    ...report([]),
    replicas: { local: null, remote: null, shards, localShards: [] },
  });
  const of = (all: ReadonlyMap<string, number>, name: string) =>
    [...all].flatMap(([key, value]) => {
      const [, shard, url] =
        new RegExp(`^ch_sync_replica_${name}{.*shard="(.)",replica="http://(..)"`).exec(key) ??
          [];
      return url ? [[shard, url, value]] : [];
    });
  const all = await series(metrics);
  assert.deepEqual(of(all, "read"), [["1", "a1", 0], ["1", "a2", 1], ["2", "b1", 1], ["2", "b2", 0]]);
  assert.deepEqual(of(all, "up"), [["1", "a1", 1], ["1", "a2", 1], ["2", "b1", 1], ["2", "b2", 0]]);
  assert.deepEqual(of(all, "tables_not_believed"), [["1", "a1", 2], ["1", "a2", 0], ["2", "b1", 0]]);
  metrics.checked(report([]), state, 1, NOW);
  assert.deepEqual([...(await series(metrics)).keys()].filter((key) => key.includes("replica_")), []);
});
