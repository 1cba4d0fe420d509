import assert from "node:assert/strict";
import type { Cause } from "../../src/model/cause.ts";
import { fc } from "../support/seed.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { isClean } from "../../src/verdict/clean.ts";
import { isReady } from "../../src/verdict/failback_words.ts";
import { makeEvidence } from "../../src/report/evidence.ts";
import { EVIDENCE_TITLE, renderEvidence } from "../../src/report/render_evidence.ts";
import { reportJson } from "../../src/report/report_json.ts";
import { schemaOf } from "../support/json_schema.ts";
import { settingsOf } from "../support/sites/settings.ts";
import { found, report } from "../support/data/tables.ts";
import { arbitraryState } from "../support/data/arbitrary_state.ts";
import { arbitraryReport } from "../support/data/arbitrary_report.ts";

const NOW = new Date("2026-01-02T00:00:00Z");
const SETTINGS = settingsOf({ role: "dr" });
const READY: State = {
  ...FRESH_STATE,
  active_site: "primary",
  last_check: "2026-01-01T23:59:00.000Z",
  consecutive_clean: 5,
  failback_ready: true,
  config_digest: "digest",
  ready_until: "2026-01-02T00:09:00.000Z",
};
const compared = { rows: 10n, city: 11n };
const CLEAN = report([{ table: "d.a", compared }], { dryRun: true, settledBefore: 1_767_300_000 });
const of = (checked = CLEAN, state = READY) => makeEvidence(checked, state, SETTINGS, "1.2.3", "digest", NOW);

Deno.test("evidence is safe where FAILBACK READY holds and a fresh check found nothing", () => {
  const evidence = of();
  assert.deepEqual([evidence.safe, evidence.reasons], [true, []]);
  assert.equal(evidence.verdict, "SAFE to switch back to the DR site");
  const [table] = evidence.tables;
  assert.deepEqual([table!.verdict, table!.active, table!.here], [
    "complete",
    { rows: "10", cityhash64: "11" },
    { rows: "10", cityhash64: "11" },
  ]);
});

Deno.test("evidence names what views fill and what is not proven of it beside the word safe", () => {
  const derived = (table: string, cause: Cause, detail = "") => ({
    table,
    compared,
    findings: [found({ table, partitionId: null, reason: "derived", cause, detail })],
  });
  const evidence = of(report([
    { table: "d.a", compared },
    derived("d.b", "derived_proven"),
    derived("d.c", "derived_unproven", "7 rows, this one 5"),
  ], { dryRun: true, settledBefore: 1_767_300_000 }));
  assert.equal(evidence.safe, true);
  assert.deepEqual(evidence.tables.map(({ verdict, here }) => [verdict, here?.rows]), [
    ["complete", "10"],
    ["complete", "10"],
    ["not_compared", undefined],
  ]);
  assert.deepEqual(evidence.not_proven, [{ table: "d.c", detail: "7 rows, this one 5" }]);
  const [, , , , sentence] = renderEvidence(evidence).split("\n");
  assert.match(sentence!, /d\.c \(7 rows, this one 5\)/);
});

Deno.test("evidence names the columns that were not compared in the sentence that says it is safe", () => {
  const evidence = of(report([{ table: "d.a", compared, ignored: ["seen", "origin"] }], { dryRun: true }));
  assert.equal(evidence.safe, true);
  assert.deepEqual(evidence.ignored_columns, ["d.a.seen", "d.a.origin"]);
  const [, , , , sentence] = renderEvidence(evidence).split("\n");
  assert.match(sentence!, /d\.a\.seen, d\.a\.origin/);
});

Deno.test("evidence is not safe without the recorded checks, and says which are missing", () => {
  const { safe, reasons } = of(CLEAN, { ...READY, failback_ready: false, consecutive_clean: 1 });
  assert.equal(safe, false);
  assert.match(reasons.join("\n"), /clean checks in a row: 1 of 3\nFAILBACK READY takes 3 clean checks/);
  assert.equal(of(CLEAN, { ...READY, ready_until: "2026-01-01T23:59:59.000Z" }).safe, false);
});

Deno.test("evidence is not safe where the recorded checks had other settings or another active site", () => {
  assert.match(
    of(CLEAN, { ...READY, config_digest: "other" }).reasons.join(),
    /let ch-sync check with these first/,
  );
  assert.match(of(CLEAN, { ...READY, active_site: "unknown" }).reasons.join(), /another active site/);
});

Deno.test("evidence is not safe where the fresh check found rows missing since the recorded ones", () => {
  const gap = report([{ findings: [found({ missing: 7n })] }], { dryRun: true });
  assert.deepEqual(of(gap).reasons, ["missing: 1 finding in 1 table, 7 rows missing"]);
  assert.equal(of(report([], { dryRun: true })).safe, false, "nothing was compared");
  assert.equal(of(report([{ counted: 1 }], { dryRun: true })).safe, false);
  assert.equal(of(report([{}], { limited: true })).safe, false);
  assert.match(
    of(report([], { outcome: "standby", active: "dr" })).reasons[0]!,
    /this site is the active one/,
  );
});

Deno.test("evidence is never safe where the state is not ready or the check would not be clean", () => {
  fc.assert(
    fc.property(arbitraryReport, fc.oneof(arbitraryState, fc.constant(READY)), (checked, state) => {
      const { safe } = makeEvidence(checked, state, SETTINGS, "1.2.3", "digest", NOW);
      const clean = isClean({ ...checked, dryRun: false }) && checked.active === "primary" &&
        !checked.limited;
      if (safe) assert.ok(clean && isReady(state, NOW));
    }),
    { numRuns: 500 },
  );
});

Deno.test("evidence and report keep to the schemas that docs publish, whatever was found", () => {
  const [evidence, json] = [schemaOf("evidence"), schemaOf("report")];
  fc.assert(
    fc.property(arbitraryReport, arbitraryState, (checked, state) => {
      evidence(makeEvidence(checked, state, SETTINGS, "1.2.3", "digest", NOW));
      json(reportJson(checked, checked.dryRun ? null : state));
    }),
    { numRuns: 100 },
  );
});

Deno.test("the document begins with its title and the verdict, and no name makes markup or a line of its own", () => {
  fc.assert(
    fc.property(arbitraryReport, (checked) => {
      const evidence = of(checked);
      const lines = renderEvidence(evidence).split("\n");
      assert.equal(lines[0], EVIDENCE_TITLE);
      assert.ok(lines[2]!.startsWith(`**${evidence.verdict}.**`));
      assert.equal(lines.filter((line) => line.startsWith("#")).length, 6);
      assert.doesNotMatch(lines.join(""), /\p{Cc}|\p{Zl}|\p{Zp}/u);
    }),
  );
  const hostile = report([{
    table: "d.t | x\n# SAFE <b>",
    findings: [found({ detail: "[a](http://b) `c`" })],
  }]);
  const text = renderEvidence(of(hostile));
  assert.ok(text.includes(String.raw`d.t \| x\\x0a\# SAFE \<b\>`), text);
  assert.doesNotMatch(text, /(?<!\\)\[a\]|(?<!\\)<b>/);
});

Deno.test("500 tables fit a ticket", () => {
  const tables = Array.from({ length: 500 }, (_, n) => ({ table: `database.table_${n}`, compared }));
  assert.ok(renderEvidence(of(report(tables))).length < 100_000);
});

Deno.test("evidence names the replicas of all shards, those that were read and the others", () => {
  const shards = ["1", "2"].map((shard) => ({
    url: `http://a${shard}`,
    others: [{ url: `http://b${shard}`, passedOver: null }],
    addresses: [
      { ...ANSWERED, url: `http://a${shard}`, read: true, version: "26.7.1.1" },
      { ...ANSWERED, url: `http://b${shard}`, read: false, version: shard === "1" ? "25.8.1.1" : null },
    ],
  }));
  const evidence = of({ ...CLEAN, replicas: { local: null, remote: null, shards, localShards: [] } });
  const [here, there] = evidence.sites;
  assert.deepEqual(there?.url, "http://a1,http://a2");
  assert.deepEqual(there?.others, ["http://b1", "http://b2"]);
  assert.ok(here && !("shards" in here), "a site of one address has none");
  assert.deepEqual(there?.shards, [
    {
      shard: 1,
      replicas: [
        { url: "http://a1", read: true, version: "26.7.1.1" },
        { url: "http://b1", read: false, version: "25.8.1.1" },
      ],
    },
    {
      shard: 2,
      replicas: [
        { url: "http://a2", read: true, version: "26.7.1.1" },
        { url: "http://b2", read: false, version: null },
      ],
    },
  ]);
  schemaOf("evidence")(JSON.parse(JSON.stringify(evidence)));
  const text = renderEvidence(evidence);
  assert.ok(text.includes("| primary | 1 | http://b1 | no | 25.8.1.1 |"), text);
  assert.ok(text.includes("| primary | 2 | http://b2 | no answer | – |"), text);
});

const ANSWERED = { skewSeconds: 0, doubted: 0, remark: null };
