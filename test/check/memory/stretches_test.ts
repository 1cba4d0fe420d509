/** A table of many partitions between two real sites: what has not changed since it was proven is not listed, and nothing is missed. */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import type { ReadableSite } from "../../../src/check/ports/readable_site.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites, type CheckSitesOptions, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const TABLE = "d.t";
/** A page of the memory, and a part of one. */
const PARTITIONS = 1300;

Deno.test("of a large table only the stretches are listed in which something changed", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const whole = () => primary.query(`SELECT count(), sum(sipHash64(ts, v)) FROM ${TABLE}`);
  await onBoth(
    sites,
    "CREATE DATABASE d",
    `CREATE TABLE ${TABLE} (ts DateTime('UTC'), v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY v`,
    `INSERT INTO ${TABLE} SELECT toDateTime('2015-01-01', 'UTC') + 86400 * number, number FROM numbers(${PARTITIONS}) SETTINGS max_partitions_per_insert_block = 0`,
  );
  await using memory = await temporaryDirectory();
  let listed = 0;
  /** As if there were so many partitions that they are not read at once. */
  const large = (ports: CheckPorts): CheckPorts => {
    for (const site of [ports.here, ports.there] as ReadableSite[]) {
      const [summaries, partitions] = [site.summaries.bind(site), site.partitions.bind(site)];
      site.summaries = async () =>
        new Map([...await summaries()].map(([name, one]) => [name, { ...one, partitions: 1_000_000 }]));
      site.partitions = async (...of) => {
        const found = await partitions(...of);
        listed += [...found.values()].reduce((sum, { size }) => sum + size, 0);
        return found;
      };
    }
    return ports;
  };
  const check = async (options: CheckSitesOptions = {}) => {
    listed = 0;
    const report = await checkSites(sites, { memory: memory.path, wrap: large, ...options });
    const [{ partitions, proven, compared }] = report.tables as [typeof report.tables[number]];
    return { reasons: reasonsOf(report), partitions, proven, rows: compared.rows, city: compared.city };
  };
  const first = await check();
  assert.deepEqual([first.reasons, first.partitions, first.proven], [{}, PARTITIONS, 0]);
  const plain = async () => {
    const report = await checkSites(sites);
    assert.deepEqual(reasonsOf(report), {});
    return report.tables[0]!.compared;
  };

  await t.step("a partition of which rows are missing, in the middle", async () => {
    await primary.query(`INSERT INTO ${TABLE} VALUES ('2018-02-24', 77)`);
    const { reasons, partitions, proven, rows, city } = await check();
    assert.deepEqual(reasons, { [`${TABLE} 20180224`]: "partial, repaired" });
    assert.deepEqual([partitions, proven], [PARTITIONS, PARTITIONS - 1]);
    assert.ok(listed < PARTITIONS, `${listed} partitions were listed`);
    assert.deepEqual({ rows, city }, await plain());
    assert.equal(await dr.query(`SELECT count(), sum(sipHash64(ts, v)) FROM ${TABLE}`), await whole());
  });

  await t.step(
    "what was kept is as good as before: partitions that are lost here, and new ones, at both ends",
    async () => {
      await check();
      await dr.query(`ALTER TABLE ${TABLE} DROP PARTITION ID '20150101'`);
      await primary.query(`INSERT INTO ${TABLE} VALUES ('2014-01-01', 1), ('2025-01-01', 1)`);
      const { reasons, partitions } = await check();
      const missing = ["20140101", "20150101", "20250101"].map((
        id,
      ) => [`${TABLE} ${id}`, "missing, repaired"]);
      assert.deepEqual(reasons, Object.fromEntries(missing));
      assert.equal(partitions, PARTITIONS + 2);
      assert.ok(listed < 2 * PARTITIONS, `${listed} partitions were listed`);
      assert.equal(await dr.query(`SELECT count(), sum(sipHash64(ts, v)) FROM ${TABLE}`), await whole());
    },
  );

  await t.step(
    "a check that turns READY on, one of everything again, and one of some partitions",
    async () => {
      for (const options of [{ deep: true }, { verify: true }, { only: [TABLE] }]) {
        const { reasons, partitions, rows, city } = await check(options);
        assert.deepEqual([reasons, partitions], [{}, PARTITIONS + 2]);
        assert.deepEqual({ rows, city }, await plain());
      }
      const { proven } = await check();
      assert.equal(proven, PARTITIONS + 2);
    },
  );

  await t.step("a damaged memory: everything is compared again, and nothing is missed", async () => {
    await dr.query(`ALTER TABLE ${TABLE} DROP PARTITION ID '20150102', DROP PARTITION ID '20180615'`);
    const path = `${memory.path}/ch-sync-memory.sqlite`;
    const bytes = Deno.readFileSync(path);
    for (let at = bytes.length - 60_000; at < bytes.length; at += 97) bytes[at]! ^= 1;
    Deno.writeFileSync(path, bytes);
    const { reasons } = await check();
    assert.deepEqual(reasons, {
      [`${TABLE} 20150102`]: "missing, repaired",
      [`${TABLE} 20180615`]: "missing, repaired",
    });
    for (let checks = 0; checks < 2; checks++) {
      const { reasons, partitions } = await check();
      assert.deepEqual([reasons, partitions], [{}, PARTITIONS + 2]);
    }
  });
});
