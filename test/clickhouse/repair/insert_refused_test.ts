/** A server that takes no parts of the copy that ch-sync made of its table, as the two are not the same to the letter. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { PATIENCE } from "../../../src/clickhouse/http/statement_watch.ts";
import { until } from "../../support/program/endings.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

/** Three blocks of an INSERT, which are of 268 MB: the first one is in the table when the third one comes. */
const [ROWS, WIDE] = [52_000, 16_000];
const INSERT = (rows: string, wide = 1) =>
  `INSERT INTO d.t (ts, n, s) SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, number, repeat('x', ${wide}) ` +
  `FROM numbers(${rows})`;

/** Since 24.12 another index alone is no reason, unless a table wants it to be. */
const ENFORCED = [
  "MODIFY SETTING enforce_index_structure_match_on_partition_manipulation = 1",
  "ADD INDEX late n TYPE minmax GRANULARITY 1",
];

Deno.test("parts that a server does not take go in by INSERT, as exactly, or not at all", async (t) => {
  // One thread reads what is staged in its order.
  await using sites = await startTwoSites({ dr: { sync: { profile: { max_threads: 1 } } } });
  const { primary, dr } = sites;
  await using points = startFaultPoints(() => dr.url);
  const settings = { local: { ...dr.writer, url: points.url } };
  const both = async (...statements: readonly string[]) => {
    for (const site of [primary, dr]) for (const statement of statements) await site.query(statement);
  };
  const contents = "SELECT count(), sum(cityHash64(ts, n, s)), uniqExact(n) FROM d.t";
  const create = async (columns = "") => {
    await both(
      "DROP DATABASE IF EXISTS d SYNC",
      "CREATE DATABASE d",
      `CREATE TABLE d.t (ts DateTime('UTC'), n UInt64, s String${columns}) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts`,
    );
  };
  /** The table here becomes another one than was copied, right before it is to take the parts. */
  const unlike = (...alters: readonly string[]) => {
    let done = false;
    points.before = async ({ sql }) => {
      if (done || !sql.includes("MOVE PARTITION")) return;
      done = true;
      for (const alter of alters) await dr.query(`ALTER TABLE d.t ${alter}`);
    };
  };
  const sent = () => points.statements.filter((sql) => sql.startsWith("INSERT INTO `d`.`t`")).length;

  await t.step("rows of an absent month, and rows that are missing among others", async () => {
    for (const here of ["0", "300, 400"]) {
      await create();
      await primary.query(INSERT("1000"));
      if (here !== "0") await dr.query(INSERT(here));
      unlike(...ENFORCED);
      const before = sent();
      assert.deepEqual(reasonsOf(await checkSites(sites, { settings })), {
        "d.t 202601": here === "0" ? "missing, repaired" : "partial, repaired",
      });
      assert.equal(sent(), before + 1);
      assert.equal(await dr.query(contents), await primary.query(contents));
    }
  });

  await t.step(
    "an INSERT that fails in its middle: the next check adds the rest, and no row twice",
    async () => {
      await create();
      await primary.query(INSERT(String(ROWS), WIDE));
      unlike(
        ...ENFORCED,
        "ADD CONSTRAINT early CHECK n < 51900",
      );
      const report = await checkSites(sites, { settings });
      assert.deepEqual(reasonsOf(report), { "d.t 202601": "failed" });
      assert.match(findingsOf(report)[0]!.detail, /VIOLATED_CONSTRAINT.*may have been added/s);
      const added = Number(await dr.query("SELECT count() FROM d.t"));
      assert.ok(added > 0 && added < ROWS, `${added} rows were added`);
      await dr.query("ALTER TABLE d.t DROP CONSTRAINT early");
      assert.deepEqual(reasonsOf(await checkSites(sites, { settings })), {
        "d.t 202601": "partial, repaired",
      });
      assert.equal(await dr.query(contents), await primary.query(contents));
    },
  );

  await t.step(
    "while an INSERT that was given up goes on, no other ch-sync brings in the same rows",
    async () => {
      const running = "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO `d`.`t`%'";
      const staged = "SELECT count() FROM system.tables WHERE database = 'd' AND name LIKE '\\_chsync%'";
      const slow = "parts_to_delay_insert = 1, min_delay_to_insert_ms = 12000, max_delay_to_insert = 12";
      await create();
      await primary.query(INSERT("1000"));
      unlike(...ENFORCED);
      await dr.query(INSERT("1"));
      const refuse = points.before;
      const dropped = Promise.withResolvers<void>();
      let lost = false;
      points.before = async (statement) => {
        await refuse(statement);
        const { sql } = statement;
        if (sql.startsWith("DROP TABLE")) dropped.resolve();
        if (sql.startsWith("INSERT INTO `d`.`t`")) {
          // The server goes on with it, slowly, and nobody can look. A MOVE would be delayed, too, so not before.
          await dr.query(`ALTER TABLE d.t MODIFY SETTING ${slow}`);
          void dr.query(sql).catch(() => {});
          await until("the INSERT", async () => await dr.query(running) !== "0\n");
          lost = true;
          return "cut";
        }
        return lost && /system.processes|KILL QUERY/.test(sql) ? "cut" : "answer";
      };
      const given = checkSites(sites, { settings, patience: { ...PATIENCE, silent: 100 } });
      await Promise.race([given, dropped.promise]);
      for (const alter of ["DROP INDEX late", "RESET SETTING parts_to_delay_insert"]) {
        await dr.query(`ALTER TABLE d.t ${alter}`);
      }
      const other = await checkSites(sites, { installation: "bbbbbbbb" });
      const detail = findingsOf(other)[0]?.detail ?? "";
      assert.match(findingsOf(await given)[0]!.detail, /may still be running the statement/);
      await until("its end", async () => await dr.query(running) === "0\n");
      assert.equal(await dr.query(contents), await primary.query(contents), detail);
      // Unless the machine was so slow that nothing was missing any more.
      assert.ok(detail === "" || /Another ch-sync is repairing the partition/.test(detail), detail);
      // The next check finds the claim, and that nothing runs any more.
      assert.equal(await dr.query(staged), "1\n");
      points.before = () => "answer";
      assert.deepEqual(reasonsOf(await checkSites(sites, { settings })), {});
      assert.equal(await dr.query(staged), "0\n");
    },
  );

  await t.step(
    "MATERIALIZED columns go in as they are, and what an INSERT would make otherwise is left as it is",
    async () => {
      const count = "SELECT count() FROM d.t";
      await create(", m UInt64 MATERIALIZED rand64()");
      await primary.query(INSERT("1000"));
      unlike(...ENFORCED);
      assert.deepEqual(findingsOf(await checkSites(sites, { settings })).map(({ repaired }) => repaired), [
        true,
      ]);
      const made = "SELECT count(), sum(m), sum(cityHash64(n, m)) FROM d.t";
      assert.equal(await dr.query(made), await primary.query(made));

      await create();
      await primary.query(INSERT("1000"));
      unlike(...ENFORCED, "MODIFY COLUMN n UInt32");
      const before = sent();
      assert.match(findingsOf(await checkSites(sites, { settings }))[0]!.detail, /structure|column/i);
      assert.deepEqual([sent(), (await dr.query(count)).trim()], [before, "0"]);
    },
  );
});
