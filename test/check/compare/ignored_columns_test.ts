/** Columns that each site fills for itself: rows are told apart by the others, and copied whole. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc } from "../../support/seed.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";
import { taken } from "../../support/versions/not_taken.ts";

/** A row by few values, so that rows that are the same but for what a site fills are common. */
const row = fc.record({
  day: fc.integer({ min: 1, max: 2 }),
  minute: fc.integer({ min: 0, max: 5 }),
  service: fc.constantFrom(null, "a", "b"),
  note: fc.constantFrom("", "x"),
});
type Row = {
  readonly day: number;
  readonly minute: number;
  readonly service: string | null;
  readonly note: string;
};

/** How the rows of a table are kept, and whether a view reads them. */
const shape = fc.record({
  keys: fc.constantFrom(
    "PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
    "PARTITION BY toYYYYMMDD(ts) ORDER BY tuple()",
    "ORDER BY (service, ts)",
  ),
  fed: fc.boolean(),
  more: fc.constantFrom(
    "seen DateTime64(3) DEFAULT now64(3)",
    "seen Map(String, String)",
    "seen Nullable(String)",
  ),
});

let stamp = 0;

/** Each row gets a `seen` and an `origin` of its own, as the site makes them. */
function values(rows: readonly Row[], type: string, site: string): string {
  return rows.map(({ day, minute, service, note }) => {
    stamp++;
    const seen = type.includes("Map")
      ? `map('n', '${site}${stamp}')`
      : type.includes("DateTime")
      ? `toDateTime64(${1_700_000_000 + stamp}, 3)`
      : `'${site}${stamp}'`;
    const at = `toDateTime('2026-01-0${day} 00:00:00', 'UTC') + ${minute} * 60`;
    return `(${at}, ${service === null ? "NULL" : `'${service}'`}, '${note}', ${seen}, '${site}')`;
  }).join(", ");
}

const COMPARED = "toString(tuple(ts, service, note))";

async function counts(site: TwoSites["dr"], table: string, of: string): Promise<Map<string, number>> {
  const rows = await site.rows<{ row: string; times: string }>(
    `SELECT ${of} AS row, count() AS times FROM ${table} GROUP BY row ORDER BY row`,
  );
  return new Map(rows.map(({ row, times }) => [row, Number(times)]));
}

function union(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> {
  const keys = [...new Set([...a.keys(), ...b.keys()])].sort();
  return new Map(keys.map((key) => [key, Math.max(a.get(key) ?? 0, b.get(key) ?? 0)]));
}

Deno.test("with ignored columns both sites' rows are united by the others, and what is copied is the active site's row", async () => {
  await using sites = await startTwoSites();
  const both = async (statement: string) => {
    for (const site of [sites.primary, sites.dr]) await site.query(statement);
  };
  await both("CREATE DATABASE p");
  const rows = (maxLength: number) => fc.array(row, { maxLength });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      shape,
      rows(40),
      rows(20),
      rows(20),
      async ({ keys, fed, more }, shared, there, here) => {
        const table = `p.t${++run}`;
        await both(
          `CREATE TABLE ${table} (ts DateTime('UTC'), service Nullable(String), note String, ${more}, ` +
            `origin LowCardinality(String)) ENGINE = MergeTree ${keys} SETTINGS allow_nullable_key = 1`,
        );
        if (fed) {
          await both(
            `CREATE TABLE ${table}_n (service Nullable(String), n UInt64) ENGINE = SummingMergeTree ` +
              "ORDER BY service SETTINGS allow_nullable_key = 1",
          );
          await both(
            `CREATE MATERIALIZED VIEW ${table}_v TO ${table}_n AS ` +
              `SELECT service, count() AS n FROM ${table} GROUP BY service`,
          );
        }
        // What views make of two such rows, one of each site, does not tell them apart.
        const alone = fed ? [] : here;
        for (
          const [site, own, name] of [[sites.primary, there, "primary"], [sites.dr, alone, "dr"]] as const
        ) {
          for (const some of [shared, own]) {
            if (some.length > 0) await site.query(`INSERT INTO ${table} VALUES ${values(some, more, name)}`);
          }
        }
        const whole = "toString(tuple(ts, service, note, seen, origin))";
        const before = {
          there: await counts(sites.primary, table, whole),
          here: await counts(sites.dr, table, whole),
        };
        const wanted = union(
          await counts(sites.primary, table, COMPARED),
          await counts(sites.dr, table, COMPARED),
        );

        const settings = { maxConflictPercent: 100, ignoreColumns: [`${table}.seen`, "p.*.origin"] };
        const report = await checkSites(sites, { settings });
        assert.deepEqual(
          findingsOf(report).filter(({ reason }) => reason === "failed" || reason === "unsupported"),
          [],
        );
        assert.deepEqual([...await counts(sites.dr, table, COMPARED)], [...wanted]);
        // What came is the active site's, none of it twice; what was here is here.
        const after = await counts(sites.dr, table, whole);
        for (const [one, times] of after) {
          assert.equal(times, before.here.get(one) ?? before.there.get(one), one);
        }
        for (const one of before.here.keys()) assert.ok(after.has(one));
        if (fed) {
          const made = `SELECT sum(n) AS n FROM ${table}_n`;
          const [{ n } = { n: "" }] = await sites.dr.rows<{ n: string }>(made);
          assert.equal(Number(n), [...wanted.values()].reduce((sum, times) => sum + times, 0));
        }
        const again = await checkSites(sites, { settings, dryRun: true });
        const left = findingsOf(again).filter(({ table: of, reason }) =>
          of === table && reason !== "surplus"
        );
        assert.deepEqual(left, []);
        for (const suffix of fed ? ["_v", "_n", ""] : [""]) await both(`DROP TABLE ${table}${suffix} SYNC`);
      },
    ),
    { numRuns: casesOf("ignoredColumns") },
  );
});

Deno.test("ignored columns", async (t) => {
  await using sites = await startTwoSites();
  const both = async (statement: string) => {
    for (const site of [sites.primary, sites.dr]) await site.query(statement);
  };
  await both("CREATE DATABASE d");
  const plain = async (
    name: string,
    columns: string,
    rest = "ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY ts",
  ) => {
    await both(`CREATE TABLE d.${name} (ts DateTime('UTC'), ${columns}) ${rest}`);
  };
  const check = (name: string, ...ignoreColumns: string[]) =>
    checkSites(sites, { only: [`d.${name}`], settings: { ignoreColumns } });
  const fill = async (name: string, columns = "ts, v, seen") => {
    for (const [site, at] of [[sites.primary, 1], [sites.dr, 2]] as const) {
      await site.query(
        `INSERT INTO d.${name} (${columns}) SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, number, ${at} FROM numbers(50)`,
      );
    }
  };

  await t.step("are proposed where twins differ in nothing else, and make such rows the same", async () => {
    await plain("twins", "v UInt64, seen UInt64");
    await fill("twins");
    const [found] = findingsOf(await check("twins"));
    assert.equal(found?.cause, "twins");
    assert.match(found!.detail, /set IGNORE_COLUMNS=d\.twins\.seen: /);
    const report = await check("twins", "d.twins.seen");
    assert.deepEqual(reasonsOf(report), {});
    assert.deepEqual(report.tables[0]!.ignored, ["seen"]);
    assert.match(report.tables[0]!.warnings.join(), /seen/);
  });

  await t.step("may have another default at each site, but no other type", async () => {
    await sites.primary.query(
      "CREATE TABLE d.own (ts DateTime('UTC'), v UInt64, seen String DEFAULT 'primary') ENGINE = MergeTree ORDER BY ts",
    );
    await sites.dr.query(
      "CREATE TABLE d.own (ts DateTime('UTC'), v UInt64, seen String DEFAULT 'dr') ENGINE = MergeTree ORDER BY ts",
    );
    await fill("own");
    assert.deepEqual(reasonsOf(await check("own")), { "d.own": "drifted" });
    assert.deepEqual(reasonsOf(await check("own", "d.own.seen")), {});
    await sites.dr.query("ALTER TABLE d.own MODIFY COLUMN seen LowCardinality(String)");
    assert.deepEqual(reasonsOf(await check("own", "d.own.seen")), { "d.own": "drifted" });
    await sites.dr.query("ALTER TABLE d.own DROP COLUMN seen");
    assert.deepEqual(reasonsOf(await check("own", "d.own.seen")), { "d.own": "drifted" });
  });

  await t.step("are no columns without which rows cannot be told apart", async () => {
    const engine = (of: string) => `ENGINE = ${of}`;
    type Refused = readonly [name: string, columns: string, ignored: string, rest?: string];
    const all: readonly Refused[] = [
      ["sorted", "v UInt64, seen UInt64", "sorted.seen", engine("MergeTree ORDER BY (ts, seen)")],
      ["parted", "v UInt64, seen UInt64", "parted.seen", engine("MergeTree PARTITION BY seen ORDER BY ts")],
      [
        "expiring",
        "v UInt64, seen DateTime",
        "expiring.seen",
        engine("MergeTree ORDER BY ts TTL seen + INTERVAL 50 YEAR"),
      ],
      ["fading", "v UInt64 TTL toDateTime(seen) + INTERVAL 50 YEAR, seen UInt64", "fading.seen"],
      [
        "computed",
        "v UInt64, seen UInt64, k UInt64 MATERIALIZED seen % 2",
        "computed.seen",
        engine("MergeTree PARTITION BY k ORDER BY ts"),
      ],
      [
        "versioned",
        "v UInt64, seen UInt64",
        "versioned.seen",
        engine("ReplacingMergeTree(seen) ORDER BY ts"),
      ],
      ["replaced", "v UInt64, seen UInt64", "replaced.v", engine("ReplacingMergeTree(seen) ORDER BY ts")],
      [
        "nested",
        "v UInt64, seen Tuple(a UInt64, b UInt64)",
        "nested.seen",
        engine("MergeTree ORDER BY (ts, seen.a)"),
      ],
      ["aliased", "v UInt64, seen UInt64, s ALIAS seen + 1", "aliased.seen"],
      ["viewed", "v UInt64, seen UInt64", "viewed.seen"],
      ["starred", "v UInt64, seen UInt64", "starred.seen"],
    ];
    // Older servers sort by no element of a tuple.
    const refused: Refused[] = [];
    for (const one of all) {
      const [name, columns, , rest] = one;
      if (await taken(plain(name, columns, rest))) refused.push(one);
    }
    await both(
      "CREATE MATERIALIZED VIEW d.viewed_v ENGINE = MergeTree ORDER BY at AS SELECT ts AS at, d.viewed.seen + 1 AS s FROM d.viewed",
    );
    await both(
      "CREATE MATERIALIZED VIEW d.aliased_v ENGINE = MergeTree ORDER BY s AS SELECT s FROM d.aliased",
    );
    await both(
      "CREATE MATERIALIZED VIEW d.starred_v ENGINE = MergeTree ORDER BY ts AS SELECT * FROM d.starred",
    );
    const settings = { ignoreColumns: refused.map(([, , column]) => `d.${column}`) };
    const report = await checkSites(sites, { only: refused.map(([name]) => `d.${name}`), settings });
    for (const [name] of refused) {
      const found = findingsOf(report).filter(({ table }) => table === `d.${name}`);
      assert.deepEqual(found.map(({ cause }) => cause), ["ignored_column"], name);
      assert.match(found[0]!.detail, /IGNORE_COLUMNS/);
    }
    const timed = { ignoreColumns: ["d.numbered.at"], timeColumns: [{ pattern: "d.*.at", unit: null }] };
    await plain("numbered", "v UInt64, at DateTime");
    const [found] = findingsOf(await checkSites(sites, { only: ["d.numbered"], settings: timed }));
    assert.equal(found?.cause, "ignored_column");
  });

  await t.step("come from the active site where a row is short, those first that are not here", async () => {
    await plain("short", "v UInt64, seen UInt64");
    const insert = (...seen: number[]) =>
      sites.primary.query(
        `INSERT INTO d.short VALUES ${seen.map((one) => `('2026-01-01 00:00:00', 7, ${one})`).join(", ")}`,
      );
    const here = async () =>
      (await sites.dr.rows<{ seen: string }>("SELECT seen FROM d.short ORDER BY seen")).map(({ seen }) =>
        Number(seen)
      );
    await insert(5);
    assert.deepEqual(reasonsOf(await check("short", "d.short.seen")), {
      "d.short 20260101": "missing, repaired",
    });
    // Whichever of them comes first by value, or by hash.
    for (
      const [more, all] of [
        [[9, 1], [1, 5, 9]],
        [[3, 5], [1, 3, 5, 5, 9]],
        [[9], [1, 3, 5, 5, 9, 9]],
        [[1, 2, 3], [1, 1, 2, 3, 3, 5, 5, 9, 9]],
      ] as const
    ) {
      await insert(...more);
      assert.deepEqual(reasonsOf(await check("short", "d.short.seen")), {
        "d.short 20260101": "partial, repaired",
      });
      assert.deepEqual(await here(), all);
    }
  });

  await t.step("void what was proven without them, and are told where they name nothing", async () => {
    await using memory = await temporaryDirectory();
    await plain("proven", "v UInt64, seen UInt64");
    await fill("proven");
    const look = (...ignoreColumns: string[]) =>
      checkSites(sites, {
        only: ["d.proven"],
        memory: memory.path,
        dryRun: false,
        settings: { ignoreColumns },
      });
    assert.deepEqual(reasonsOf(await look("d.proven.seen")), {});
    assert.equal((await look("d.proven.seen")).tables[0]!.proven, 1);
    assert.deepEqual(reasonsOf(await look()), { "d.proven 20260101": "independent" });
    const { warnings } = await checkSites(sites, {
      dryRun: true,
      settings: { ignoreColumns: ["d.proven.sene", "*.seen"] },
    });
    const said = warnings.filter((warning) => warning.startsWith("IGNORE_COLUMNS"));
    assert.match(said.join("\n"), /names d\.proven\.sene, and no table/);
  });
});
