/** Many small partitions are repaired together: each is exact, and what goes wrong in one costs that one alone. */
import assert from "node:assert/strict";
import { assertNothingLeft, until } from "../../support/program/endings.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import type { Repair } from "../../../src/model/repair.ts";
import { PATIENCE } from "../../../src/clickhouse/http/statement_watch.ts";
import {
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  leftOpen,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { reachedAt, startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";
import { assertStopped } from "../../support/sites/stopped_checks.ts";
import { dailyTable, eachDay, idOf, loadDays } from "../../support/data/many_days.ts";
import { onBoth } from "../../support/data/telemetry.ts";

const DAYS = 40;
const ROWS = 300;
const TABLE = "b.days";
/** One row in a hundred is missing of the first days, and the others are absent. */
const PARTIAL = 25;
/** How long a group waits for another one that runs beside it, where there should be one. */
const PATIENCE_MS = 60_000;

/** Partitions are attached by a user who may delete rows of the table, and moved by one who has the rights of grants.sql. */
const WAYS = ["MOVE", "ATTACH"] as const;
type Way = (typeof WAYS)[number];

/** How groups of partitions follow each other. */
type Grouped = Pick<CheckSitesOptions, "settings" | "wrap">;

/** What brings rows in, of a batch or of a partition by itself; and what copies them. */
const isMove = (sql: string) => /^ALTER TABLE \S+ (MOVE|ATTACH) PARTITION/.test(sql);
const isBatch = (sql: string) => sql.split(/(?:MOVE|ATTACH) PARTITION/).length > 2;
const isCopy = (sql: string) => /^INSERT INTO `b`\.`_chsync_/.test(sql);

Deno.test("many small partitions are repaired together", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["b"] } });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE b", dailyTable(TABLE));
  await loadDays(primary, TABLE, DAYS, ROWS);
  await using points = startFaultPoints(() => dr.url);
  const through: TwoSites = { ...sites, dr: reachedAt(dr, points.url) };
  let from = 0;
  /** What was sent to this site since rows were lost. */
  const sent = (kind: (sql: string) => boolean) => points.statements.slice(from).filter(kind);
  const lose = async (way: Way = "ATTACH") => {
    points.login = way === "MOVE" ? null : `sync:${dr.endpoint.password}`;
    await dr.query(`TRUNCATE TABLE ${TABLE} SYNC`);
    await loadDays(dr, TABLE, DAYS, ROWS, `day < ${PARTIAL} AND n % 100 != day % 100`);
    from = points.statements.length;
    points.before = points.after = () => "answer";
  };
  /** One group after the other: what happens at some moment of one meets no other one half-way. */
  const inTurn: Grouped = { settings: { maxConcurrentTables: 1 } };
  /** Two beside each other: servers that do not tell how busy they are have room. */
  const beside: Grouped = {
    settings: { maxConcurrentTables: 2 },
    wrap: (ports) => {
      ports.here.load = ports.there.load = () => Promise.resolve(null);
      return ports;
    },
  };
  const assertWhole = async () => {
    assert.equal(await eachDay(dr, TABLE), await eachDay(primary, TABLE));
    await assertNothingLeft(sites);
  };
  /** The first statement of this kind meets with this; the others pass. */
  const once = (kind: (sql: string) => boolean, work: () => Promise<unknown>) => {
    let met = false;
    points.before = async ({ sql }) => {
      if (met || !kind(sql)) return;
      met = true;
      await work();
    };
    return () => assert.ok(met, "no such statement came");
  };

  // A server that cannot be asked for a right is taken to withhold it.
  const tellsRights = await dr.query("CHECK GRANT SELECT ON *.*").then(() => true, () => false);
  const taken = (way: typeof WAYS[number]) => tellsRights ? way : "MOVE";
  for (const way of WAYS) {
    await t.step(`${way}: each is told of, and exact`, async () => {
      await lose(way);
      const [begun, ended]: string[][] = [[], []];
      const report = await checkSites(through, {
        observer: {
          repairing: (first, beside = []) => begun!.push(...[first, ...beside].map((one) => one.partitionId)),
          repaired: ({ partitionId }, { kind }) => void ended!.push(`${partitionId} ${kind}`),
        },
      });
      const ids = Array.from({ length: DAYS }, (_, day) => idOf(day));
      assert.deepEqual(begun!.toSorted(), ids);
      assert.deepEqual(ended!.toSorted(), ids.map((id) => `${id} repaired`));
      assert.deepEqual(
        Object.values(reasonsOf(report)),
        ids.map((_, day) => day < PARTIAL ? "partial, repaired" : "missing, repaired"),
      );
      for (const { missing, rowsHere, repair } of findingsOf(report)) {
        assert.deepEqual(
          [missing, rowsHere, repair === null],
          rowsHere ? [3n, 297n, false] : [300n, 0n, false],
        );
      }
      const sizes = sent(isMove).map((sql) => sql.split(`${taken(way)} PARTITION`).length - 1);
      assert.deepEqual(sizes.sort(), [DAYS - PARTIAL, PARTIAL]);
      assert.equal(sent(isCopy).length, 2);
      await assertWhole();
      assert.deepEqual(reasonsOf(await checkSites(sites)), {});
    });
  }

  for (const [maxBytesPerSecond, most] of [[null, 2], [1e9, 1]] as const) {
    const limit = maxBytesPerSecond === null ? "" : ", unless copies may not take the whole link";
    await t.step(`as many groups at a time as tables${limit}`, async () => {
      await lose();
      let [running, seen] = [0, 0];
      const both = Promise.withResolvers<void>();
      const wrap = (ports: CheckPorts) => {
        const { here } = beside.wrap!(ports);
        const repairTogether = here.repairTogether.bind(here);
        here.repairTogether = async (...all) => {
          seen = Math.max(seen, ++running);
          if (running === most) both.resolve();
          const late = setTimeout(both.resolve, PATIENCE_MS);
          await both.promise;
          clearTimeout(late);
          return await repairTogether(...all).finally(() => running--);
        };
        return ports;
      };
      const report = await checkSites(through, {
        wrap,
        settings: { maxConcurrentTables: 2, maxBytesPerSecond },
      });
      assert.equal(seen, most);
      assert.deepEqual(leftOpen(report), {});
      assert.equal(sent(isMove).length, 2);
      await assertWhole();
    });
  }

  await t.step("a plan tells of each, and writes nothing", async () => {
    await lose();
    const report = await checkSites(through, { dryRun: true });
    assert.deepEqual(findingsOf(report).map(({ sql }) => sql.filter(isMove).length), Array(DAYS).fill(1));
    assert.equal(sent((sql) => isMove(sql) || isCopy(sql)).length, 0);
  });

  await t.step("what a late writer brings meanwhile is not brought twice", async () => {
    await lose();
    // After the proof of what is staged: the missing rows of one day, and others of another one.
    const met = once((sql) => sql.includes("AS _chsync_staged"), async () => {
      await loadDays(dr, TABLE, DAYS, ROWS, "day = 7 AND n % 100 = 7");
      await loadDays(dr, TABLE, DAYS, ROWS, "day = 30");
    });
    const report = await checkSites(through, inTurn);
    met();
    const [batch] = sent(isBatch);
    assert.ok(batch && !batch.includes(`'${idOf(7)}'`) && batch.includes(`'${idOf(8)}'`));
    const left = Object.keys(leftOpen(report));
    assert.ok(
      left.every((id) => [`${TABLE} ${idOf(7)}`, `${TABLE} ${idOf(30)}`].includes(id)),
      left.join(),
    );
    await checkSites(sites);
    await assertWhole();
  });

  await t.step("rows that the active site deletes meanwhile leave their partition out", async () => {
    await lose();
    const met = once(isCopy, async () => {
      await primary.query(
        `ALTER TABLE ${TABLE} DELETE WHERE toYYYYMMDD(ts) IN (${idOf(3)}, ${idOf(35)}) AND value % 5 = 0 ` +
          "SETTINGS mutations_sync = 2",
      );
    });
    const report = await checkSites(through, inTurn);
    met();
    const moved = sent(isBatch).join();
    assert.ok(moved.includes(`'${idOf(4)}'`) && moved.includes(`'${idOf(36)}'`));
    const repaired = findingsOf(report).filter(({ repaired }) => repaired);
    assert.ok(repaired.length >= DAYS - 2, JSON.stringify(reasonsOf(report)));
    // Rows that this site holds alone stay; all that the other one holds are here.
    await checkSites(sites);
    const other =
      `SELECT count() FROM remote('${primary.host}:${primary.tcpPort}', b, days, '${primary.endpoint.user}', '` +
      `${primary.endpoint.password}') WHERE sipHash64(toString(tuple(*))) NOT IN (SELECT sipHash64(toString(tuple(*))) FROM ${TABLE})`;
    assert.equal(await dr.query(other), "0\n");
    const twice = `SELECT count() FROM (SELECT 1 FROM ${TABLE} GROUP BY ALL HAVING count() > 1)`;
    assert.equal(await dr.query(twice.replace("SELECT 1", "SELECT *")), "0\n");
    await primary.query(`TRUNCATE TABLE ${TABLE} SYNC`);
    await loadDays(primary, TABLE, DAYS, ROWS);
  });

  await t.step(
    "an error half-way through: what came before it stays, and the rest comes in the same check",
    async () => {
      await lose();
      const met = once(isBatch, async () => {
        // Of a staged part, a file is gone: it can be linked no more.
        const [part] = await dr.rows<{ path: string }>(
          `SELECT path FROM system.parts WHERE startsWith(table, '_chsync_') AND active AND partition_id = '${
            idOf(12)
          }'`,
        );
        for (const { name } of Deno.readDirSync(part!.path)) {
          if (name !== "x") Deno.removeSync(`${part!.path}/${name}`);
        }
        Deno.removeSync(part!.path);
      });
      const report = await checkSites(through, inTurn);
      met();
      assert.ok(sent(isMove).length > 2, "none went by itself");
      assert.deepEqual(leftOpen(report), {});
      await assertWhole();
    },
  );

  for (const [how, grouped] of [["", inTurn], [", of two groups beside each other", beside]] as const) {
    await t.step(`an answer that is lost${how}: the parts tell what was done`, async () => {
      await lose();
      points.after = ({ sql }) => isBatch(sql) ? "cut" : "answer";
      const report = await checkSites(through, grouped);
      assert.deepEqual(leftOpen(report), {});
      assert.equal(sent(isMove).length, 2);
      await assertWhole();
    });
  }

  await t.step(
    "of two groups beside each other the later one asks once the earlier one has ended",
    async () => {
      await lose();
      let primaryIsActive = true;
      const met = once(isBatch, async () => {
        await until("both are copied", () => Promise.resolve(sent(isCopy).length === 2));
        await new Promise((resolve) => setTimeout(resolve, 1000)); // for the other one to come this far
        primaryIsActive = false;
      });
      const report = await checkSites(through, {
        ...beside,
        active: () => primaryIsActive ? "primary" : "dr",
      });
      met();
      assert.equal(sent(isMove).length, 1);
      const repaired = findingsOf(report).filter(({ repaired }) => repaired);
      assert.ok([PARTIAL, DAYS - PARTIAL].includes(repaired.length), JSON.stringify(reasonsOf(report)));
      await checkSites(sites);
      await assertWhole();
    },
  );

  await t.step("who is active is asked last, whatever else takes its time", async () => {
    await lose();
    const asked: string[] = [];
    points.before = ({ sql }) => void (isMove(sql) && asked.push("move"));
    const wrap = (ports: CheckPorts): CheckPorts => {
      const { here, role } = ports;
      const [free, resolve] = [here.freeBytes.bind(here), role.resolve.bind(role)];
      here.freeBytes = (table) => (asked.push("space"), free(table));
      role.resolve = () => (asked.push("role"), resolve());
      return ports;
    };
    await checkSites(through, { ...inTurn, wrap });
    const before = asked.flatMap((one, at) => one === "move" ? [asked[at - 1]] : []);
    assert.deepEqual(before, ["role", "role"]);
    await assertWhole();
  });

  await t.step(
    "a staged part that is lost after it was proven: the others are not brought in without it",
    async () => {
      await lose();
      const wide = "b.wide";
      await onBoth(
        sites,
        `CREATE TABLE ${wide} (ts DateTime('UTC'), n UInt32, body String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY n`,
      );
      // So wide that the copy comes in several blocks, which cut partitions in two.
      await primary.query(
        `INSERT INTO ${wide} SELECT toDateTime('2025-01-01 00:00:00', 'UTC') + intDiv(number, 5000) * 86400 + number % 5000, ` +
          "number, repeat(char(97 + number % 26), 20000) FROM numbers(25000) SETTINGS max_partitions_per_insert_block = 0",
      );
      let lost = false;
      points.before = async ({ sql }) => {
        if (lost || !sql.startsWith("CHECK GRANT ALTER DELETE")) return; // the first thing after the proof
        lost = true;
        const parts = await dr.rows<{ partition_id: string; path: string }>(
          "SELECT partition_id, path FROM system.parts WHERE startsWith(table, '_chsync_') AND active AND rows > 0",
        );
        const several = Map.groupBy(parts, (part) => part.partition_id).values().find(({ length }) =>
          length > 1
        );
        assert.ok(several, "no partition is staged in several parts");
        await dr.server.kill();
        Deno.removeSync(several[0]!.path, { recursive: true });
        await dr.restart();
      };
      await checkSites(through, { ...inTurn, only: [wide] });
      assert.ok(lost);
      const rows = `SELECT _partition_id, count(), sum(n) FROM ${wide} GROUP BY 1 ORDER BY 1`;
      assert.equal(await dr.query(rows), await primary.query(rows));
      await onBoth(sites, `DROP TABLE ${wide} SYNC`);
      await checkSites(sites);
      await assertWhole();
    },
  );

  await t.step(
    "a lost answer, and nobody can tell whether it goes on: what claims the partitions stays",
    async () => {
      await lose();
      let lost = false;
      points.after = ({ sql }) => {
        lost ||= isBatch(sql);
        return lost && (isBatch(sql) || sql.includes("system.processes")) ? "cut" : "answer";
      };
      const few = { partitions: [30, 31, 32, 33].map(idOf), from: null, to: null, open: false };
      const options = { within: few, patience: { ...PATIENCE, silent: 100 } };
      const report = await checkSites(through, options);
      assert.deepEqual(Object.values(reasonsOf(report)), Array(4).fill("failed"));
      await dr.query(`TRUNCATE TABLE ${TABLE} SYNC`);
      const other = await checkSites(sites, { installation: "another1", within: few });
      for (const { detail, repaired } of findingsOf(other)) {
        assert.deepEqual([repaired, /Another ch-sync is repairing/.test(detail)], [false, true], detail);
      }
      points.after = () => "answer";
      await checkSites(through, inTurn);
      await assertWhole();
    },
  );

  await t.step("nothing is brought in once the role has changed, or repairs wait", async () => {
    await lose();
    await assertStopped(points, isCopy, async (options) => {
      const open = new Set<string>();
      const ends = ({ partitionId }: Repair) => void open.delete(partitionId);
      const report = await checkSites(through, {
        ...options,
        ...inTurn,
        observer: { repairing: ({ partitionId }) => void open.add(partitionId), apart: ends, repaired: ends },
      });
      assert.deepEqual([...open], [], "nobody is told that a repair goes on");
      assert.equal(sent(isMove).length, 0);
      await assertNothingLeft(sites);
      return report;
    });
  });

  await t.step("of several ch-sync, of whatever version, one brings rows into a partition", async () => {
    await lose();
    // As one marks that repairs each partition by itself.
    const mark = { table: TABLE, partition: idOf(5), since: "2026-01-01T00:00:00.000Z", attach: true };
    await dr.query(
      `CREATE TABLE b._chsync_dr_elsewhere0000000_1 (x UInt8) ENGINE = Null COMMENT '${
        JSON.stringify(mark)
      }'`,
    );
    const few = { partitions: [8, 9, 30, 31, 32, 33].map(idOf), from: null, to: null, open: false };
    const met = once(isBatch, async () => {
      const report = await checkSites(sites, { installation: "another1", within: few });
      for (const { partitionId, detail, repaired } of findingsOf(report)) {
        if (repaired) assert.ok(Number(partitionId) >= Number(idOf(PARTIAL)));
        else assert.match(detail, /Another ch-sync is repairing the partition/);
      }
    });
    const report = await checkSites(through, inTurn);
    met();
    assert.ok(`${TABLE} ${idOf(5)}` in leftOpen(report));
    await dr.query("DROP TABLE b._chsync_dr_elsewhere0000000_1 SYNC");
    await checkSites(sites);
    await assertWhole();
  });

  for (const way of WAYS) {
    await t.step(`${way}: the server dies in the middle of it, and comes back`, async () => {
      await lose(way);
      const [before] = await dr.rows<{ parts: string }>(PARTS);
      let restarted = Promise.resolve();
      const dies = async () => {
        await until("some parts", async () => {
          const [now] = await dr.rows<{ parts: string }>(PARTS);
          return Number(now!.parts) > Number(before!.parts);
        });
        await dr.server.kill();
        await dr.restart();
      };
      points.before = ({ sql }) => {
        if (!isBatch(sql)) {
          return;
        }
        points.before = () => "answer";
        restarted = dies();
      };
      // What had come is told by the parts, and the rest comes in this check or the next one.
      await checkSites(through, inTurn);
      await restarted;
      await checkSites(sites);
      await assertWhole();
    });
  }
});

const PARTS = "SELECT count() AS parts FROM system.parts WHERE database = 'b' AND table = 'days' AND active";
