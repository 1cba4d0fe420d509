/** A passive site of several shards is compared as a whole, and what is missing is put where it would have put it. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc } from "../../support/seed.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import {
  beforeRepair,
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { startBalancer } from "../../support/links/balancer.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { insertPlaced, type PlacedRow, placedTable, sum, timesOf } from "../../support/data/placed_rows.ts";
import { load, telemetryTable } from "../../support/data/telemetry.ts";
import {
  BLIND,
  OWN_CLUSTER,
  type ShardedSites,
  startShardedSites,
} from "../../support/sites/sharded_sites.ts";
import { assertStopped } from "../../support/sites/stopped_checks.ts";
import { PATIENCE } from "../../../src/clickhouse/http/statement_watch.ts";
import { identifier } from "../../../src/clickhouse/sql/quoting.ts";
import { startTlsRelay } from "../../support/links/tls_relay.ts";
import { makeAuthority } from "../../support/sites/certificates.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";

async function check(
  { first, settingsOfBoth }: ShardedSites,
  tables: string | readonly string[],
  options: CheckSitesOptions & { readonly shards?: readonly number[]; readonly here?: readonly number[] } =
    {},
) {
  const { shards, here, ...more } = options;
  return await checkSites(first, {
    only: [tables].flat(),
    ...more,
    settings: { ...settingsOfBoth(shards, here), ...more.settings },
  });
}

/** The rows of all these servers together, each as often as it is there. */
async function union(sites: readonly Site[], table: string): Promise<string> {
  const found = await Promise.all(
    sites.map((site) => site.query(`SELECT toString(tuple(*)) FROM ${table} FORMAT TSVRaw`)),
  );
  return found.flatMap((text) => text.split("\n").filter(Boolean)).sort().join("\n");
}

async function staging(sites: readonly Site[]): Promise<string> {
  const found = await Promise.all(
    sites.map((site) =>
      site.query("SELECT database, name FROM system.tables WHERE startsWith(name, '_chsync_')")
    ),
  );
  return found.join("");
}

async function counts(sites: readonly Site[], table: string): Promise<number[]> {
  return await Promise.all(
    sites.map(async (site) => Number(await site.query(`SELECT count() FROM ${table}`))),
  );
}

/** What a profile may say of statements over several servers, and must not mean for those of ch-sync. */
const WAYWARD = {
  async_insert: 1,
  wait_for_async_insert: 0,
  distributed_foreground_insert: 0,
  distributed_group_by_no_merge: 1,
  insert_distributed_one_random_shard: 1,
  parallel_distributed_insert_select: 2,
  prefer_localhost_replica: 0,
  skip_unavailable_shards: 1,
  optimize_skip_unused_shards: 1,
};

/** The cluster of the site is another one. */
const ANOTHER_CLUSTER = { excludePatterns: ["system.*", "cluster.dr"] };

/**
 * Clusters of one to three shards a site. Rows are spread by key or at random, some of them several times and on several shards;
 * one shard here may have been away for a while, and some rows are only here.
 */
const clusters = fc.record({
  active: fc.constantFrom([0], [0, 1], [1, 0]),
  passive: fc.constantFrom([0, 1], [2, 0], [0, 1, 2], [0, 2, 1], [1]),
  byKey: fc.record({ there: fc.boolean(), here: fc.boolean() }),
  days: fc.integer({ min: 1, max: 3 }),
  rows: fc.array(
    fc.record({
      day: fc.nat(2),
      place: fc.nat(5),
      copies: fc.constantFrom(1, 1, 1, 1, 2),
      again: fc.option(fc.nat(5), { freq: 1 }),
      here: fc.constantFrom("as there", "as there", "as there", "less", "none", "more"),
      spread: fc.nat(5),
    }),
    { minLength: 1, maxLength: 60 },
  ),
  outage: fc.option(fc.record({ shard: fc.nat(2), from: fc.nat(60), to: fc.nat(60) })),
  onlyHere: fc.nat(3),
}).map(({ active, passive, byKey, days, rows, outage, onlyHere }) => {
  const placed = rows.map((row, id): PlacedRow => {
    const [there, here] = [active.map(() => 0), passive.map(() => 0)];
    there[(byKey.there ? id : row.place) % there.length]! += row.copies;
    if (row.again !== null) there[row.again % there.length]! += 1;
    const lacking = row.here === "none" ? sum(there) : row.here === "less" ? 1 : row.here === "more" ? -1 : 0;
    for (let at = 0; at < sum(there) - lacking; at++) {
      here[(byKey.here ? id : row.spread + at) % here.length]! += 1;
    }
    const lost = outage && id >= outage.from && id <= outage.to;
    if (lost) here[outage.shard % here.length] = 0;
    return { day: row.day % days, id, there, here };
  });
  const extra = Array.from({ length: onlyHere }, (_, at): PlacedRow => ({
    day: 0,
    id: 1000 + at,
    there: active.map(() => 0),
    here: passive.map((_, shard) => shard === at % passive.length ? 1 : 0),
  }));
  return { active, passive, rows: [...placed, ...extra] };
});

Deno.test("a passive site of several shards is compared, and repaired, as a whole", async (t) => {
  await using directory = await temporaryDirectory();
  const authority = await makeAuthority(directory.path);
  await using sites = await startShardedSites(2, () => ({}), [1, 2, 1], {
    config: { openSSL: { client: { caConfig: authority.certFile, verificationMode: "strict" } } },
    leastPrivilege: { databases: ["shop"], with: ["LOCAL_CH_URL"], profile: WAYWARD },
  });
  const { shards, dr, drs } = sites;
  await sites.everywhere("CREATE DATABASE shop");
  const [p1, p2] = shards as [Site, Site];
  const [d1, d2, d3] = drs as [Site, Site, Site];
  const distributed = async (table: string, key: string) => {
    await sites.everywhere(telemetryTable(table));
    for (const site of drs) {
      const [database, name] = table.split(".");
      await site.query(
        `CREATE TABLE ${table}_all AS ${table} ENGINE = Distributed(${OWN_CLUSTER}, ${database}, ${name}, ${key})`,
      );
    }
  };

  await t.step(
    "spread by key or by rand(), absent or partly filled, rows that are repeated: all of it",
    async () => {
      const [keyed, random] = ["shop.by_key", "shop.by_rand"] as const;
      await distributed(keyed, "duration");
      for (const day of [DAY, "2026-01-02"]) {
        for (const [at, site] of shards.entries()) {
          await load(
            site,
            keyed,
            day,
            500,
            `cityHash64(number) % 2 = ${at}`,
          );
        }
      }
      await d1.query(
        `INSERT INTO ${keyed}_all SELECT * FROM remote('127.0.0.1:${p1.tcpPort},127.0.0.1:${p2.tcpPort}', ${keyed}, 'sync', ` +
          `'canary-primary-pw') WHERE toDate(ts) = '${DAY}' AND duration % 3 != 0 SETTINGS distributed_foreground_insert = 1`,
      );
      await distributed(random, "rand()");
      await load(p1, random, DAY, 600, "number % 2 = 0");
      await load(p2, random, DAY, 600, "number % 2 = 1 OR number % 50 = 0");
      await load(p2, random, DAY, 600, "number % 60 = 1");
      await load(d1, random, DAY, 600, "number < 200");
      await load(d2, random, DAY, 600, "number BETWEEN 200 AND 350");
      await load(d3, random, DAY, 600, "number BETWEEN 500 AND 560");
      const report = await check(sites, [keyed, random]);
      assert.deepEqual(reasonsOf(report), {
        [`${keyed} 20260101`]: "partial, repaired",
        [`${keyed} 20260102`]: "missing, repaired",
        [`${random} 20260101`]: "partial, repaired",
      });
      const whole = findingsOf(report).find(({ reason }) => reason === "missing");
      assert.match(
        whole?.detail ?? "",
        /; [\d,]+ went to shard 1, [\d,]+ went to shard 2, [\d,]+ went to shard 3$/,
      );
      for (const table of [keyed, random]) assert.equal(await union(drs, table), await union(shards, table));
      // Weights 1, 2, 1: each row where the site's own Distributed table puts it.
      for (const [at, site] of drs.entries()) {
        const slots = ["0", "1, 2", "3"][at];
        assert.equal(
          await site.query(`SELECT count() FROM ${keyed} WHERE duration % 4 NOT IN (${slots})`),
          "0\n",
        );
      }
      assert.ok(isClean(await check(sites, [keyed, random])));
      assert.equal(await staging(drs), "");
    },
  );

  await t.step(
    "one server against two shards, and two against two: rows go by their hash, evenly",
    async () => {
      const table = "shop.by_hash";
      await sites.everywhere(telemetryTable(table));
      await load(p1, table, DAY, 400);
      // A shard that the site's own cluster has and the settings lack: its rows would look missing.
      const unnamed = await check(sites, table, { shards: [0], here: [0, 1] });
      assert.equal(unnamed.outcome, "failed");
      assert.match(unnamed.error ?? "", /cluster dr\b.*more shards.*LOCAL_CH_URL/);
      assert.deepEqual(await counts(drs, table), [0, 0, 0]);
      const fewer = { shards: [0], here: [0, 1], settings: ANOTHER_CLUSTER };
      assert.deepEqual(reasonsOf(await check(sites, table, fewer)), {
        [`${table} 20260101`]: "missing, repaired",
      });
      const placed = await counts(drs, table);
      assert.ok(placed[0]! > 100 && placed[1]! > 100 && placed[2] === 0, String(placed));
      assert.equal(await union([d1, d2], table), await union([p1], table));
      await load(p2, table, DAY, 600, "number % 3 = 0");
      for (const site of drs) {
        await site.query(
          `CREATE TABLE shop._chsync_dr_0123abcdold_1 AS ${table} ENGINE = MergeTree ORDER BY ts`,
        );
      }
      const warned: string[] = [];
      const two = {
        here: [0, 1],
        settings: ANOTHER_CLUSTER,
        observer: { warn: (text: string) => void warned.push(text) },
      };
      assert.deepEqual(reasonsOf(await check(sites, table, two)), {
        [`${table} 20260101`]: "partial, repaired",
      });
      assert.equal(await union([d1, d2], table), await union(shards, table));
      // What an earlier check left behind goes first, on every shard that is named.
      assert.equal(await staging([d1, d2]), "");
      for (const { url } of [d1, d2]) assert.ok(warned.some((text) => text.includes(`at ${url}`)), url);
      await d3.query("DROP TABLE shop._chsync_dr_0123abcdold_1");
    },
  );

  await t.step("what happens between two attaches leaves rows that the next check finds", async () => {
    const table = "shop.cut_off";
    await sites.everywhere(telemetryTable(table));
    await using points = startFaultPoints(() => d2.url);
    const { localShards: [first, second, third] } = sites.settingsOfBoth();
    const settings = { localShards: [first!, [{ ...second![0]!, url: points.url }], third!] };
    const days = [DAY, "2026-01-02", "2026-01-03"] as const;
    for (const day of days) {
      for (const [at, site] of shards.entries()) await load(site, table, day, 300, `number % 2 = ${at}`);
    }
    await load(d3, table, "2026-01-03", 300, "number % 3 = 0");
    const attaches = (sql: string) => /MOVE PARTITION ID/.test(sql);
    // The statement never reaches the second shard; or its answer is lost on the way back.
    points.before = ({ sql }) => attaches(sql) ? "cut" : "answer";
    const lost = await check(sites, table, { settings });
    assert.deepEqual(findingsOf(lost).map(({ reason }) => reason), ["failed", "failed", "failed"]);
    for (const { detail } of findingsOf(lost)) {
      assert.match(detail, /On other shards rows had been added before \(\d+ to shard 1\)/);
    }
    const [some = 0, none, before] = await counts(drs, table);
    assert.deepEqual([some > 100, none, before], [true, 0, 100]);
    assert.equal(await staging(drs), "");
    points.before = () => "answer";
    points.after = ({ sql }) => attaches(sql) ? "cut" : "answer";
    const again = await check(sites, table, { settings });
    assert.deepEqual(Object.values(reasonsOf(again)), Array(3).fill("partial, repaired"));
    assert.equal(await union(drs, table), await union(shards, table));
    points.after = () => "answer";
    assert.ok(isClean(await check(sites, table, { settings })));
    assert.equal(await staging(drs), "");
    // The answer is lost, and nobody can tell whether the statement goes on: what claims the partition there stays.
    await load(p1, table, "2026-01-04", 300);
    let gone = false;
    points.after = ({ sql }) => {
      gone ||= attaches(sql);
      return gone && /MOVE PARTITION ID|system.processes/.test(sql) ? "cut" : "answer";
    };
    const unknown = await check(sites, table, { settings, patience: { ...PATIENCE, silent: 100 } });
    assert.match(findingsOf(unknown)[0]?.detail ?? "", /may still be running the statement/);
    assert.deepEqual([await staging([d1, d3]), (await staging([d2])).split("\n").length], ["", 2]);
    const other = await check(sites, table, { installation: "bbbbbbbb" });
    assert.match(findingsOf(other)[0]?.detail ?? "", /Another ch-sync is repairing the partition/);
    points.after = () => "answer";
    await check(sites, table, { settings });
    assert.equal(await union(drs, table), await union(shards, table));
    assert.equal(await staging(drs), "");
  });

  await t.step(
    "small partitions go beside each other, and what arrives meanwhile holds one back alone",
    async () => {
      const table = "shop.beside";
      await sites.everywhere(telemetryTable(table));
      const days = ["01", "02", "03", "04", "05"].map((day) => `2026-01-${day}`);
      for (const day of days) {
        for (const [at, site] of shards.entries()) await load(site, table, day, 300, `number % 2 = ${at}`);
        await load(d2, table, day, 300, "number % 3 = 0");
      }
      const enough = Promise.withResolvers<void>();
      const waiting = Promise.withResolvers<void>();
      const end = waiting.promise;
      const late = setTimeout(waiting.resolve, 120_000);
      let [running, most, arrived] = [0, 0, false];
      const report = await check(sites, table, {
        wrap: (ports) => {
          const { here, there } = ports;
          // Servers that do not tell how busy they are have room.
          here.load = there.load = () => Promise.resolve(null);
          const repair = here.repair.bind(here);
          here.repair = async (one, progress, objection) => {
            most = Math.max(most, ++running);
            if (running === 4) enough.resolve();
            await Promise.race([enough.promise, end]);
            const arrives = async () => {
              if (one.partitionId === "20260103" && !arrived) {
                arrived = true;
                await load(d1, table, "2026-01-03", 300, "number = 1");
              }
              return await objection();
            };
            try {
              return await repair(one, progress, arrives);
            } finally {
              running--;
            }
          };
          return ports;
        },
      });
      clearTimeout(late);
      assert.equal(most, 4);
      const found = findingsOf(report).map((
        { partitionId, reason, repaired },
      ) => [partitionId, reason, repaired]);
      assert.deepEqual(
        found,
        days.map((
          day,
        ) => [day.replaceAll("-", ""), day === "2026-01-03" ? "failed" : "partial", day !== "2026-01-03"]),
      );
      assert.match(findingsOf(report)[2]!.detail, /changed here while it was being repaired/);
      assert.deepEqual(Object.values(reasonsOf(await check(sites, table))), ["partial, repaired"]);
      assert.equal(await union(drs, table), await union(shards, table));
      assert.equal(await staging(drs), "");
    },
  );

  await t.step(
    "what is merged on one shard before another one gets its rows stands against nothing",
    async () => {
      for (const engine of ["MergeTree", "ReplacingMergeTree(v)"]) {
        const table = `shop.merged_${engine.slice(0, 5)}`;
        await sites.everywhere(
          `CREATE TABLE ${table} (ts DateTime('UTC'), k UInt32, v UInt32) ENGINE = ${engine} ` +
            "PARTITION BY toYYYYMMDD(ts) ORDER BY (ts, k)",
        );
        // Rows of a key stand on one shard, in several parts.
        for (const [v, k] of [[1, 0], [2, 0], [1, 1], [2, 1]] as const) {
          for (const [at, site] of shards.entries()) {
            await site.query(
              `INSERT INTO ${table} SELECT toDateTime('${DAY} 00:00:00', 'UTC') + number, number, ${v} FROM numbers(300) ` +
                `WHERE number % ${shards.length} = ${at} AND intDiv(number, ${shards.length}) % 2 = ${k}`,
            );
          }
        }
        let merged = false;
        const report = await check(sites, table, {
          wrap: ({ here, ...ports }) => {
            const repair = here.repair.bind(here);
            here.repair = (one, progress, objection) =>
              repair(one, progress, async () => {
                if (!merged && (await counts([d1], table))[0]! > 0) {
                  merged = true;
                  await d1.query(`OPTIMIZE TABLE ${table} FINAL`);
                }
                return await objection();
              });
            return { here, ...ports };
          },
        });
        assert.ok(merged, engine);
        assert.deepEqual(
          Object.values(reasonsOf(report)),
          ["missing, repaired"],
          findingsOf(report)[0]?.detail ?? "",
        );
        assert.ok(isClean(await check(sites, table)));
      }
    },
  );

  await t.step(
    "nothing is added once the role has changed, or repairs wait, while it was copied",
    async () => {
      const table = "shop.late";
      await sites.everywhere(telemetryTable(table));
      await load(p1, table, DAY, 100);
      await using points = startFaultPoints(() => d1.url);
      const { local, localShards: [first, ...more] } = sites.settingsOfBoth();
      const { url } = points;
      const settings = { local: { ...local, url }, localShards: [[{ ...first![0]!, url }], ...more] };
      await assertStopped(
        points,
        (sql) => sql.startsWith("INSERT INTO FUNCTION remote("),
        async (options) => {
          const report = await check(sites, table, { settings, ...options });
          assert.deepEqual(await counts(drs, table), [0, 0, 0]);
          assert.equal(await staging(drs), "");
          return report;
        },
      );
    },
  );

  await t.step("who may not look at the cluster cannot know that all shards are named", async () => {
    const table = "shop.unseen";
    await sites.everywhere(telemetryTable(table));
    await load(p1, table, DAY, 100);
    const { remote } = sites.settingsOfBoth();
    const here = await check(sites, table, { settings: { local: { ...dr.endpoint, user: BLIND } } });
    assert.equal(here.outcome, "failed");
    assert.match(here.error ?? "", /shard 1 of this site.*Grant SELECT ON system.clusters to LOCAL_CH_USER/);
    assert.deepEqual(await counts(drs, table), [0, 0, 0]);
    // What the active site has elsewhere would not be seen: the rest is repaired, and it is not ready.
    const everything = await checkSites(sites.first, {
      settings: {
        ...sites.settingsOfBoth(),
        remote: { ...remote, user: BLIND },
        excludePatterns: ["system.*", "shop.by_*", "shop.cut_off", "shop.late"],
      },
    });
    const [unseen] = findingsOf(everything).filter(({ table }) => table.startsWith("cluster."));
    assert.deepEqual([unseen?.table, unseen?.cause, isClean(everything)], [
      "cluster.*",
      "over_shards",
      false,
    ]);
    assert.match(unseen?.detail ?? "", /shard 1 of the active site.*to REMOTE_CH_USER/);
  });

  await t.step("over TLS, and whatever databases and tables are called", async () => {
    const certificate = await authority.sign("server");
    await using relays = new AsyncDisposableStack();
    const localShards = sites.settingsOfBoth().localShards.map(([one], at) => {
      const { port } = relays.use(startTlsRelay(certificate, drs[at]!.tcpPort));
      return [{ ...one!, native: { host: "localhost", port, secure: true } }];
    });
    const names = ["with.dot", "with `quotes' and \\", "a|b,c{я}"];
    for (const name of names) {
      const table = `${identifier(name)}.${identifier(name)}`;
      await sites.everywhere(`CREATE DATABASE ${identifier(name)}`);
      await sites.everywhere(telemetryTable(table));
      for (const [at, site] of shards.entries()) await load(site, table, DAY, 100, `number % 2 = ${at}`);
      await load(d3, table, DAY, 100, "number < 20");
    }
    const all = async (stagingDatabase: string | null) =>
      await checkSites(sites.first, {
        settings: {
          ...sites.settingsOfBoth(),
          local: dr.endpoint,
          localShards,
          stagingDatabase,
          excludePatterns: ["system.*", "shop.*"],
        },
      });
    // One that is not the same on every shard ends the check, whichever of them has it.
    await d2.query("CREATE DATABASE aside");
    assert.match(
      (await all("aside")).error ?? "",
      /database aside of this site is not on shard 1, of engine Atomic on/,
    );
    for (const site of [d1, d3]) {
      await site.query(`CREATE DATABASE aside ${site === d1 ? "ENGINE = Memory" : ""}`);
    }
    assert.match(
      (await all("aside")).error ?? "",
      /of engine Memory on shard 1, of engine Atomic on shard 2/,
    );
    for (const name of names) {
      assert.deepEqual(await counts(drs, `${identifier(name)}.${identifier(name)}`), [0, 0, 20]);
    }
    await d1.query("DROP DATABASE aside");
    await d1.query("CREATE DATABASE aside");
    const beside = findingsOf(await all(null));
    assert.deepEqual(
      beside.map(({ table, cause, repaired }) => [table, repaired ? "repaired" : cause]).toSorted(),
      names.map((name) => [`${name}.${name}`, name.includes(".") ? "over_shards" : "repaired"]).toSorted(),
    );
    const apart = findingsOf(await all("aside"));
    assert.deepEqual(apart.map(({ table, repaired }) => [table, repaired]), [["with.dot.with.dot", true]]);
    for (const name of names) {
      const table = `${identifier(name)}.${identifier(name)}`;
      assert.equal(await union(drs, table), await union(shards, table), name);
    }
    assert.equal(await staging(drs), "");
    for (const name of [...names, "aside"]) {
      for (const site of [...drs, ...name === "aside" ? [] : shards]) {
        await site.query(`DROP DATABASE ${identifier(name)}`);
      }
    }
  });

  await t.step("a table is created on every shard, also where one of them has its database", async () => {
    for (const site of [...shards, d2]) await site.query("CREATE DATABASE yard");
    for (const site of shards) await site.query(telemetryTable("yard.t"));
    await load(p2, "yard.t", DAY, 50);
    const report = await checkSites(sites.first, {
      settings: {
        ...sites.settingsOfBoth(),
        local: dr.endpoint,
        autoCreateTables: true,
        excludePatterns: ["system.*", "shop.*"],
      },
    });
    assert.deepEqual(reasonsOf(report), { "yard.t 20260101": "missing, repaired" });
    assert.equal(await union(drs, "yard.t"), await union(shards, "yard.t"));
  });

  await t.step("what is refused is refused by name, and nothing is copied", async () => {
    const cases: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
      ["shop.wider", async () => {
        await sites.everywhere("CREATE TABLE shop.wider (id UInt64) ENGINE = MergeTree ORDER BY id");
        await d2.query("ALTER TABLE shop.wider ADD COLUMN v UInt8");
      }, /shard 2 of this site is not like .*column v/],
      ["shop.lacking", async () => {
        await sites.everywhere("CREATE TABLE shop.lacking (id UInt64) ENGINE = MergeTree ORDER BY id");
        await d3.query("DROP TABLE shop.lacking");
      }, /not on shard 3 of this site/],
      ["shop.other_key", async () => {
        for (const site of [...shards, ...drs]) {
          const key = site === d1 ? "id % 10" : "id % 11";
          await site.query(
            `CREATE TABLE shop.other_key (id UInt64) ENGINE = MergeTree PARTITION BY ${key} ORDER BY id`,
          );
        }
      }, /of this site is not like .*partition key/],
      ["shop.summing", async () => {
        await sites.everywhere(
          "CREATE TABLE shop.summing (id UInt64, n UInt64) ENGINE = SummingMergeTree ORDER BY id",
        );
      }, /puts rows of a key together/],
      [
        "shop.feeding",
        async () => {
          await sites.everywhere("CREATE TABLE shop.feeding (id UInt64) ENGINE = MergeTree ORDER BY id");
          await d2.query(
            "CREATE MATERIALIZED VIEW shop.v ENGINE = MergeTree ORDER BY id AS SELECT id FROM shop.feeding",
          );
        },
        /views are fed by it, and the view shop.v on shard 1 of this site is not like that on others, or not there/,
      ],
    ];
    for (const [table, make] of cases) {
      await make();
      await p1.query(`INSERT INTO ${table} (id) VALUES (1), (2)`);
    }
    const copies = "shop.copies_here";
    await sites.everywhere(telemetryTable(copies));
    await load(p1, copies, DAY, 20);
    for (const site of [d1, d3]) await load(site, copies, DAY, 20, "number < 10");
    // Twins are told from missing rows, whichever shard they lie on.
    const twins = "shop.twins";
    await sites.everywhere(
      `CREATE TABLE ${twins} (ts DateTime, id UInt64, v String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (id, ts)`,
    );
    const rows = (from: number, to: number, v: string) =>
      `INSERT INTO ${twins} SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, number, '${v}' FROM numbers(${from}, ${
        to - from
      })`;
    await p1.query(rows(0, 50, "there"));
    await p2.query(rows(50, 100, "there"));
    await d1.query(rows(0, 30, "there"));
    await d2.query(rows(30, 75, "there"));
    await d3.query(rows(75, 80, "here"));
    const inner =
      "CREATE MATERIALIZED VIEW shop.kept ENGINE = MergeTree ORDER BY id AS SELECT id FROM shop.feeding";
    for (const site of shards) await site.query(inner);
    const found = findingsOf(
      await check(sites, ["shop..inner_id.*", ...cases.map(([table]) => table), copies, twins]),
    );
    const of = (table: string) => found.filter((one) => one.table === table);
    for (const [table, , says] of cases) {
      assert.deepEqual(of(table).map(({ cause }) => cause), ["over_shards"], table);
      assert.match(of(table)[0]?.detail ?? "", says);
      assert.equal(await d1.query(`SELECT count() FROM ${table}`), "0\n");
    }
    // Each shard of a site has an inner table of its own name, which its view needs.
    const inners = found.filter(({ table }) => table.includes(".inner_id."));
    assert.ok(inners.length > 0);
    for (const { detail } of inners) assert.doesNotMatch(detail, /drop it|create it/);
    assert.deepEqual(of(copies).map(({ reason }) => reason), ["failed"]);
    assert.match(of(copies)[0]?.detail ?? "", /shards 1 and 3 of this site hold the very same rows/);
    assert.deepEqual(await counts(drs, copies), [10, 0, 10]);
    const [twin] = of(twins);
    assert.deepEqual([twin?.reason, twin?.missing, twin?.surplus], ["partial", 20n, 5n]);
    assert.equal((await union(drs, twins)).split("\n").length, 100);
  });

  await t.step(
    "whatever lies where, and whatever was lost: the shards together hold each row as often in the end",
    async () => {
      let number = 0;
      await fc.assert(
        fc.asyncProperty(clusters, async ({ active, passive, rows }) => {
          const table = `shop.t${number++}`;
          const [from, to] = [active.map((at) => shards[at]!), passive.map((at) => drs[at]!)];
          const create = placedTable(table);
          await Promise.all([...from, ...to].map((site) => site.query(create)));
          for (const [at, site] of from.entries()) {
            await insertPlaced(site, table, rows, ({ there }) => there[at]!);
          }
          for (const [at, site] of to.entries()) {
            await insertPlaced(site, table, rows, ({ here }) => here[at]!);
          }
          const before = await timesOf(to, table);
          const options = {
            shards: active,
            here: passive,
            settings: { ...ANOTHER_CLUSTER, maxConflictPercent: 100 },
          };
          const first = await check(sites, table, options);
          // Days of which most rows are there twice, or that two shards have alike, look like copies: such a day is left alone.
          const alone = new Set(
            findingsOf(first).flatMap(({ detail, partitionId }) =>
              /Copies would count twice/.test(detail) ? [partitionId] : []
            ),
          );
          const wanted = rows.flatMap((row): [string, number][] => {
            const id = String(row.id);
            const held = before.get(id) ?? 0;
            const times = alone.has(`2026010${row.day + 1}`) ? held : Math.max(sum(row.there), held);
            return times > 0 ? [[id, times]] : [];
          });
          assert.deepEqual(await timesOf(to, table), new Map(wanted.toSorted()));
          const again = await check(sites, table, options);
          assert.ok(
            alone.size > 0 || rows.every(({ there }) => sum(there) === 0) || isClean(again),
            again.error ?? JSON.stringify(reasonsOf(again)),
          );
          assert.deepEqual(await timesOf(to, table), new Map(wanted.toSorted()));
          assert.equal(await staging(to), "");
          await Promise.all([...from, ...to].map((site) => site.query(`DROP TABLE ${table} SYNC`)));
        }),
        { numRuns: casesOf("shardsHere"), endOnFailure: true },
      );
    },
  );

  await t.step(
    "addresses that lead elsewhere, a server that is two shards, shards that are down",
    async () => {
      const table = "shop.by_key";
      const { localShards } = sites.settingsOfBoth();
      const [first, second, third] = localShards.map(([one]) => one!) as [
        typeof localShards[0][0],
        typeof localShards[0][0],
        typeof localShards[0][0],
      ];
      const before = await union(drs, table);
      await load(p1, table, "2026-01-05", 50);
      const crossed = await check(sites, table, {
        settings: {
          localShards: [[first], [{ ...second, native: third.native }], [{
            ...third,
            native: second.native,
          }]],
        },
      });
      assert.equal(crossed.outcome, "failed");
      assert.match(
        crossed.error ?? "",
        /native address of shard 2 of this site.*not lead/,
      );
      await using relay = startBalancer([Number(new URL(first.url).port)]);
      const twice = { url: relay.url, native: first.native };
      const same = await check(sites, table, { settings: { localShards: [[first], [twice]] } });
      assert.equal(same.outcome, "failed");
      assert.match(same.error ?? "", /lead to the same ClickHouse server/);
      const died = await check(sites, table, {
        wrap: beforeRepair(() => d3.server.kill()),
      });
      assert.equal(died.outcome, "failed");
      assert.match(died.error ?? "", /shard 3 .* stopped answering in mid-check of this site/);
      const warned: string[] = [];
      const down = await check(sites, table, { observer: { warn: (text) => void warned.push(text) } });
      assert.deepEqual([down.outcome, down.unreachable], ["site_unreachable", ["local"]]);
      assert.ok(warned.some((text) => /shard 3 \(/.test(text)), warned.join("\n"));
      await d3.restart();
      assert.equal(await union(drs, table), before);
      assert.equal(await staging([d1, d2]), "");
      assert.deepEqual(reasonsOf(await check(sites, table)), { [`${table} 20260105`]: "missing, repaired" });
      assert.equal(await union(drs, table), await union(shards, table));
      assert.equal(await staging(drs), "");
    },
  );
});
