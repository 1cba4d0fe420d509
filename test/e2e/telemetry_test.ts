/** Traces and logs as they arrive at an OTLP endpoint, and that no secret does. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { leaks } from "../support/program/leaks.ts";
import { type ExportedSpan, startOtlpSink } from "../support/receivers/otlp_sink.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { startWebhookSink } from "../support/receivers/webhook_sink.ts";

/** Whether a compiled program exports is settled as it is compiled: one that does, or else the source. */
const EXPORTING = Deno.env.get("CH_SYNC_EXPORTING_PROGRAM") ?? null;

Deno.test("a check is exported as a trace of its tables and repairs, with its log, and without a secret", async (t) => {
  await using sites = await startTwoSites();
  await using otlp = startOtlpSink();
  await using webhook = startWebhookSink();
  // Nobody listens there: what fails is traced with its error.
  const heartbeat = `${new URL("/ping/canary-heartbeat-path", webhook.url.replace(/:\d+/, ":9"))}`;
  const environment = {
    ...environmentOf("dr", sites.dr, sites.primary),
    NOTIFY_WEBHOOK: webhook.url,
    HEARTBEAT_URL: heartbeat,
    LOG_LEVEL: "debug",
  };
  await using chSync = await installChSync(environment, EXPORTING);
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"), telemetryTable("d.u"));
  await load(sites.primary, "d.t", "2026-01-01", 1000);
  const { stdout, stderr, code } = await chSync.run(["--once"], otlp.environment);
  assert.equal(code, 0, stderr);
  const { spans, logs } = otlp;
  const named = (name: string): ExportedSpan => {
    const found = spans.filter((span) => span.name === name);
    assert.equal(found.length, 1, `${name} among ${spans.map(({ name }) => name).join(", ")}`);
    return found[0]!;
  };

  await t.step("the check holds its tables and its repairs", () => {
    const check = named("check");
    const { "ch_sync.outcome": outcome, "ch_sync.tables": tables } = check.attributes;
    assert.deepEqual({ outcome, tables }, { outcome: "completed", tables: 2 });
    for (const name of ["table d.t", "table d.u", "repair d.t partition 20260101"]) {
      assert.equal(named(name).parentSpanId, check.spanId, name);
    }
    const repair = named("repair d.t partition 20260101").attributes;
    assert.equal(repair["ch_sync.rows"], 1000);
    assert.equal(repair["ch_sync.table"], "d.t");
  });

  await t.step(
    "statements belong to the step that sent them, and show no more of a URL than the server",
    () => {
      const statements = spans.filter(({ attributes }) =>
        attributes["url.full"] === new URL(sites.dr.url).origin
      );
      const parents = new Set(statements.map(({ parentSpanId }) => parentSpanId));
      assert.ok(
        parents.has(named("table d.t").spanId) && parents.has(named("repair d.t partition 20260101").spanId),
      );
      for (const { attributes } of spans) {
        assert.deepEqual(Object.keys(attributes).filter((name) => /path|query|stack/.test(name)), []);
      }
    },
  );

  await t.step("the log arrives with its levels and belongs to the check; stderr has each line once", () => {
    const line = "Repaired d.t partition 20260101: 1,000 rows";
    const found = logs.filter(({ text }) => text === line);
    assert.deepEqual(found.map(({ severity }) => severity), ["INFO"]);
    assert.equal(found[0]!.traceId, named("check").traceId);
    assert.ok(logs.some(({ severity, text }) => severity === "WARN" && text.includes("HEARTBEAT_URL")));
    assert.equal(stderr.split(line).length, 2);
    assert.ok(!stdout.includes("Checking table"));
  });

  await t.step("what failed says so, and no secret is anywhere", () => {
    assert.ok(spans.some(({ status }) => status.code === 2), "the ping that nobody took");
    assert.ok(webhook.requests > 0);
    const secrets = [
      sites.dr.endpoint.password,
      sites.primary.endpoint.password,
      new URL(webhook.url).pathname,
      new URL(heartbeat).pathname,
      "canary-webhook-path",
      "canary-heartbeat-path",
    ];
    assert.deepEqual(leaks([...otlp.bodies, stdout, stderr].join("\n"), secrets), []);
  });
});

Deno.test("without OTEL_DENO nothing is exported", async () => {
  await using sites = await startTwoSites();
  await using otlp = startOtlpSink();
  await using chSync = await installChSync(environmentOf("dr", sites.dr, sites.primary));
  const { OTEL_DENO: _off, ...environment } = otlp.environment;
  await chSync.run(["--once"], environment);
  assert.deepEqual(otlp.bodies, []);
});
