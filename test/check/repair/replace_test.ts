/** Replacing a partition, the only act that takes rows away: not on one answer about the roles, and never for good. */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { tableName } from "../../../src/model/table.ts";
import { KEPT_DAYS } from "../../../src/check/repair/kept_tables.ts";
import { STEADY_CHECKS } from "../../../src/verdict/steady_role.ts";
import type { Repaired } from "../../../src/model/repair.ts";
import {
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { startFaultPoints, type Statement } from "../../support/links/fault_points.ts";
import { grantedUsers } from "../../support/sites/granted_users.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const COLUMNS = "(ts DateTime('UTC'), id UInt64, v UInt32, `it``s` String MATERIALIZED toString(id))";
/** A writer that may add rows, and not replace any. */
const LESS = "less";
const STEADY = { active: "primary", checks: STEADY_CHECKS } as const;

Deno.test("replacing a partition of an engine that adds rows up", async (t) => {
  await using sites = await startTwoSites({
    leastPrivilege: { databases: ["d"], with: ["REPAIR_AGGREGATES"] },
    users: { [LESS]: { ...grantedUsers({ databases: ["d"] }, "pw").chsync_writer, password: LESS } },
  });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    `CREATE TABLE d.sums ${COLUMNS} ENGINE = SummingMergeTree(v) PARTITION BY toYYYYMM(ts) ORDER BY (toDate(ts), id)`,
    "SYSTEM STOP MERGES d.sums",
  );
  const insert = (site: typeof dr, rows: number, v: number) =>
    site.query(`INSERT INTO d.sums (ts, id, v) SELECT '2026-01-01', number, ${v} FROM numbers(${rows})`);
  const rest = () => new Promise((resolve) => setTimeout(resolve, 2100));
  const settings = { replaceAggregates: true, settleSeconds: 1, activeSite: "unknown" } as const;
  const outcomes: Repaired[] = [];
  const observer = {
    repaired: (_repair: unknown, outcome: { kind: string }) => {
      if (outcome.kind === "repaired") outcomes.push(outcome as Repaired);
    },
  };
  const check = (options: CheckSitesOptions = {}) =>
    checkSites(sites, { ...options, observer, settings: { ...settings, ...options.settings } });
  const kept = () => dr.query("SELECT name FROM system.tables WHERE name LIKE '\\_chsync%' ORDER BY name");
  /** Other sums here, in two parts; the same ones at each call, and not those of the active site. */
  const differ = async () => {
    await dr.query("TRUNCATE TABLE d.sums");
    await insert(dr, 50, 1);
    await insert(dr, 30, 7);
    await rest();
    return await content(dr, "d.sums");
  };
  await insert(primary, 100, 10);
  const before = await differ();

  await t.step(
    "not on the word of a first check, or of too few: said in words, and nothing is made",
    async () => {
      for (
        const steady of [undefined, { ...STEADY, checks: STEADY_CHECKS - 1 }, {
          ...STEADY,
          active: "dr" as const,
        }]
      ) {
        const report = await check(steady ? { steady } : {});
        assert.deepEqual(reasonsOf(report), { "d.sums 202601": "aggregated" });
        assert.match(
          findingsOf(report)[0]!.detail,
          /primary .*\d+ checks.*ACTIVE_SITE=primary/,
        );
        assert.equal(await content(dr, "d.sums"), before);
        assert.equal(await kept(), "");
      }
    },
  );

  await t.step("not where the role changes while the rows are copied", async () => {
    // At the start, right before the repair, once the rows are copied, and right before the replacement.
    for (const last of [2, 3]) {
      let asked = 0;
      const report = await check({ steady: STEADY, active: () => ++asked > last ? "dr" : "primary" });
      assert.match(findingsOf(report)[0]!.detail, /the active site is dr now/);
      assert.equal(await content(dr, "d.sums"), before);
      assert.equal(await kept(), "");
    }
  });

  await t.step("no row that comes while it is asked once more who is active", async () => {
    let asked = 0;
    const late = "SELECT count() FROM d.sums WHERE id = 999";
    const report = await check({
      steady: STEADY,
      wrap: (ports) => ({
        ...ports,
        role: {
          async resolve() {
            if (++asked === 4) await dr.query("INSERT INTO d.sums (ts, id, v) VALUES ('2026-01-01', 999, 1)");
            return await ports.role.resolve();
          },
        },
      }),
    });
    assert.equal(asked, 5); // and once when the check ends
    assert.equal(await dr.query(late), "1\n");
    assert.match(findingsOf(report)[0]!.detail, /Nothing was replaced/);
    assert.equal(await kept(), "");
    await differ();
  });

  await t.step("a plan shows what it would run", async () => {
    const report = await check({ steady: STEADY, dryRun: true });
    assert.ok(findingsOf(report)[0]!.sql.some((sql) => sql.includes("REPLACE PARTITION ID '202601'")));
    assert.equal(await kept(), "");
  });

  await t.step(
    "with steady roles; what was here is kept, and the statement that is told brings it back",
    async () => {
      const report = await check({ steady: STEADY });
      assert.deepEqual(reasonsOf(report), { "d.sums 202601": "aggregated, repaired" });
      assert.equal(await content(dr, "d.sums"), await content(primary, "d.sums"));
      const { table, restore } = outcomes.at(-1)!.kept!;
      const [found] = findingsOf(report);
      assert.ok(found!.detail.includes(table));
      assert.deepEqual(found!.sql, [restore]);
      assert.equal(await kept(), `${table.replace("d.", "")}\n`);
      assert.equal(await content(dr, table), before);
      const comment = JSON.parse(
        await dr.query(`SELECT comment FROM system.tables WHERE name = '${table.slice(2)}' FORMAT TSVRaw`),
      );
      assert.deepEqual([comment.kept_of, comment.kept_partition, comment.restore], [
        "d.sums",
        "202601",
        restore,
      ]);
      await dr.query(restore);
      assert.equal(await content(dr, "d.sums"), before);
    },
  );

  await t.step(
    "what is kept is compared with nothing, claims nothing, and no check drops it early",
    async () => {
      const report = await check();
      assert.deepEqual(Object.keys(reasonsOf(report)), ["d.sums 202601"]);
      assert.deepEqual(report.warnings, []);
      assert.notEqual(await kept(), "");
      await dr.query("TRUNCATE TABLE d.sums");
      assert.deepEqual(reasonsOf(await check()), { "d.sums 202601": "missing, repaired" });
      assert.notEqual(await kept(), "");
    },
  );

  await t.step("an explicit ACTIVE_SITE replaces at once", async () => {
    await differ();
    const report = await check({ settings: { activeSite: "primary" } });
    assert.deepEqual(reasonsOf(report), { "d.sums 202601": "aggregated, repaired" });
  });

  await t.step("it goes after its time, at a check and not at a plan", async () => {
    const names = (await kept()).trim().split("\n");
    assert.equal(names.length, 2);
    const [name] = names;
    const old = new Date(Date.now() - (KEPT_DAYS * 86_400 + 60) * 1000);
    await dr.query(
      `ALTER TABLE d.${name} MODIFY COMMENT '${JSON.stringify({ kept_at: old.toISOString() })}'`,
    );
    await check();
    assert.equal((await kept()).trim().split("\n").length, 2, "the server says that it is young");
    const metadata = await dr.query(
      `SELECT metadata_path FROM system.tables WHERE name = '${name}' FORMAT TSVRaw`,
    );
    // Relative to the data folder, or not, by the version; an engine behind a front has a folder of its own.
    for (const folder of [dr.path, `${dr.path}/data`]) {
      await Deno.utime(resolve(folder, metadata.trim()), old, old).catch(() => {});
    }
    await check({ dryRun: true });
    assert.equal((await kept()).trim().split("\n").length, 2, "a plan drops nothing");
    const warnings: string[] = [];
    await checkSites(sites, { settings, observer: { warn: (text) => void warnings.push(text) } });
    assert.equal((await kept()).trim(), names[1]);
    assert.ok(
      warnings.some((text) => text.startsWith(`Dropped ${tableName({ database: "d", name: name! })}`)),
    );
  });

  await t.step("a replacement that the server refuses keeps nothing, and changes nothing", async () => {
    const here = await differ();
    const names = await kept();
    const report = await check({
      steady: STEADY,
      settings: { local: { ...dr.writer, user: LESS, password: LESS } },
    });
    assert.deepEqual(reasonsOf(report), { "d.sums 202601": "failed" });
    assert.match(findingsOf(report)[0]!.detail, /ALTER DELETE ON d\.sums/);
    assert.equal(await content(dr, "d.sums"), here);
    assert.equal(await kept(), names);
  });

  await t.step("a replacement whose answer is lost is told by the parts, done or not", async () => {
    await using points = startFaultPoints(() => dr.url);
    const local = { ...dr.writer, url: points.url };
    for (const reached of [false, true]) {
      const here = await differ();
      const names = await kept();
      const lose = ({ sql }: Statement) =>
        sql.includes("REPLACE PARTITION") && sql.startsWith("ALTER") ? "cut" : "answer";
      points[reached ? "after" : "before"] = lose;
      const report = await check({ steady: STEADY, settings: { local } });
      [points.before, points.after] = [() => "answer", () => "answer"];
      assert.deepEqual(reasonsOf(report), { "d.sums 202601": reached ? "aggregated, repaired" : "failed" });
      assert.equal(await content(dr, "d.sums"), reached ? await content(primary, "d.sums") : here);
      assert.equal(await kept() !== names, reached);
      if (reached) assert.equal(await content(dr, outcomes.at(-1)!.kept!.table), here);
    }
  });
});
