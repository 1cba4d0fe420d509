/** The schema of the OpenTelemetry collector, out of the box. */
import assert from "node:assert/strict";
import { isClean } from "../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { METRIC_KINDS, OTEL_SCHEMA, otelRows } from "../support/data/otel.ts";
import { content, onBoth } from "../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../support/sites/two_sites.ts";

const TABLES = ["otel_logs", "otel_traces", ...METRIC_KINDS.map((kind) => `otel_metrics_${kind}`)];

async function insert(site: Site, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await site.query(statement);
}

Deno.test("the tables of the OpenTelemetry collector are made whole after an outage", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, ...OTEL_SCHEMA);
  const outage = "number NOT BETWEEN 700 AND 1300";
  await insert(primary, [...otelRows("2026-11-01", 2000), ...otelRows("2026-11-02", 2000)]);
  await insert(dr, otelRows("2026-11-02", 2000, outage));
  // A retried batch is stored twice at both sites; that is what was received.
  await onBoth(sites, ...otelRows("2026-11-02", 2000, "number < 20"));
  await onBoth(sites, ...TABLES.map((table) => `OPTIMIZE TABLE otel.${table}`));

  const report = await checkSites(sites);
  const reasons = reasonsOf(report);
  assert.equal(reasons["otel.otel_traces_trace_id_ts"], "derived");
  for (const table of TABLES) {
    assert.equal(
      reasons[`otel.${table} 20261101`],
      "missing, repaired",
      JSON.stringify(findingsOf(report), (_, v) => typeof v === "bigint" ? String(v) : v),
    );
    assert.equal(reasons[`otel.${table} 20261102`], "partial, repaired", table);
    assert.equal(await content(dr, `otel.${table}`), await content(primary, `otel.${table}`), table);
  }
  assert.deepEqual(report.tables.flatMap(({ warnings }) => warnings), []);
  // A lookup by trace finds the same span of time at both sites, however many rows the view made of it.
  const lookup =
    "SELECT TraceId, min(Start), max(End) FROM otel.otel_traces_trace_id_ts GROUP BY TraceId ORDER BY ALL";
  assert.equal(await dr.query(lookup), await primary.query(lookup));
  assert.ok(isClean(await checkSites(sites)));
});
