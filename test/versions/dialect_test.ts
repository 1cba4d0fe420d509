/** What is asked of an engine of another version in its own words. */
import assert from "node:assert/strict";
import { hasGrant } from "../../src/clickhouse/catalog/preflight.ts";
import { BROKEN } from "../../src/clickhouse/catalog/replication.ts";
import { UNSTEADY_FUNCTIONS, unsteadyNames } from "../../src/clickhouse/catalog/stored_columns.ts";
import { askHashes } from "../../src/clickhouse/compare/ask_hashes.ts";
import { isBefore, spelledFor } from "../../src/clickhouse/dialect/versions.ts";
import { literal } from "../../src/clickhouse/sql/quoting.ts";
import { EXACT } from "../../src/clickhouse/http/exact_settings.ts";
import { openConnection } from "../support/sites/open_connection.ts";
import { startOneSite } from "../support/sites/one_site.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";

/** A profile that would refuse, cut or change what is asked first of all: which settings are known. */
const ODD = {
  use_query_cache: 1,
  limit: 2,
  additional_result_filter: "1 = 0",
  additional_table_filters: "{'system.settings': '1 = 0'}",
  output_format_tsv_crlf_end_of_line: 1,
  extremes: 1,
  query_plan_max_optimizations_to_apply: 1,
  max_ast_depth: 1,
  max_ast_elements: 1,
  max_expanded_ast_elements: 1,
  max_subquery_depth: 1,
  max_columns_to_read: 1,
  max_temporary_columns: 1,
  max_temporary_non_const_columns: 1,
  allow_experimental_query_deduplication: 1,
};

const { works, refused } = await enginesOfThisRun();

for (const engine of works) {
  Deno.test(`${engine.version} is asked in its own words`, async (t) => {
    const users = {
      odd: { password: "odd", profile: ODD },
      bound: { password: "bound-pw", profile: { max_result_rows: 1 } },
    };
    await using one = await startOneSite({ engine: frontOf(engine), users });
    const connection = openConnection(one.site);
    const version = (await connection.one<{ v: string }>("SELECT version() AS v")).v;
    assert.equal(version.split(".").slice(0, 2).join("."), engine.version);

    await t.step("it is sent the settings that it knows, with the values of all servers", async () => {
      const settings = await connection.rows<{ name: string; value: string }>(
        "SELECT name, value FROM system.settings WHERE changed",
      );
      const values = new Map(settings.map(({ name, value }) => [name, value]));
      for (const name of ["flatten_nested", "joined_subquery_requires_alias", "max_query_size"]) {
        if (values.has(name)) assert.equal(values.get(name), String(EXACT[name as keyof typeof EXACT]));
      }
    });

    await t.step("it tells all that it knows, whatever the profile makes of answers", async () => {
      const odd = openConnection(one.site, {
        endpoint: { ...one.site.endpoint, user: "odd", password: "odd" },
      });
      const names = "SELECT count() AS names FROM system.settings";
      assert.deepEqual(await odd.rows(names), await connection.rows(names));
      const deduplicated =
        "SELECT count() AS on FROM system.settings WHERE name = 'allow_experimental_query_deduplication' AND value = '1'";
      if (isBefore(version, "26.3")) {
        assert.equal(Number((await odd.one<{ on: string }>(deduplicated)).on), 0);
      }
      await odd.close();
    });

    await t.step(
      "where the profile lets nothing be asked, its error is told with its number and the site",
      async () => {
        const endpoint = { ...one.site.endpoint, user: "bound", password: "bound-pw" };
        const bound = openConnection(one.site, { endpoint });
        // One that knows all settings is not asked, and takes them in place of the profile's.
        if (connection.oldVersion === null) assert.equal((await bound.rows("SELECT 1")).length, 1);
        else await assert.rejects(bound.rows("SELECT 1"), /code 396\).*\((local|remote) site\)/);
        await bound.close();
      },
    );

    await t.step("it takes rights as this version spells them", async () => {
      const told = !isBefore(version, "24.11");
      assert.equal(await hasGrant(connection, spelledFor(version, "READ ON REMOTE")), told ? true : null);
      assert.equal(await hasGrant(connection, "SELECT ON system.parts"), told ? true : null);
      // The drill goes by it: one that has no word for a right cannot tell.
      if (isBefore(version, "25.7")) assert.equal(await hasGrant(connection, "READ ON REMOTE"), null);
    });

    await t.step("it takes each line of its files of grants", async () => {
      const older = isBefore(version, "25.7") ? "-older" : "";
      for (const [name, least] of [["grants", 40], ["grants-drill", 15]] as const) {
        // Names in the file of the drill end with a *.
        if (name === "grants-drill" && isBefore(version, "24.10")) continue;
        const sql = Deno.readTextFileSync(new URL(`../../scripts/${name}${older}.sql`, import.meta.url));
        const all = [...sql.matchAll(/^(?:-- )?((?:GRANT|CREATE USER) [^;]+);/gm)].map(([, line]) => line!);
        // The file says of which lines that older servers do not know them.
        const lines = all.filter((line) =>
          !isBefore(version, "24.5") || !line.startsWith("GRANT TABLE ENGINE")
        );
        assert.ok(lines.length > least);
        await connection.text(`SELECT ${lines.map((line) => `formatQuery(${literal(line)})`).join(", ")}`);
      }
    });

    await t.step("it is known not to hash a NULL, wherever in a type, or to hash it", async () => {
      const types = [
        "Nullable(Int8)",
        "Array(Nullable(String))",
        "Map(String, Nullable(UInt8))",
        "Tuple(a Nullable(Date))",
      ];
      const hashes = await askHashes(connection, types, "value");
      for (const type of types) assert.equal(hashes.get(type) === null, isBefore(version, "25.5"), type);
      const apart = await askHashes(connection, types, "null_apart");
      for (const type of types) assert.notEqual(apart.get(type), null, type);
    });

    await t.step("it is known to hash a state by its value, or not at all, wherever in a type", async () => {
      const types = [
        "AggregateFunction(sum, Int64)",
        "Map(String, AggregateFunction(argMax, String, Nullable(UInt64)))",
        "Tuple(a AggregateFunction(uniq, LowCardinality(String)), b Int8)",
      ];
      // Of which no server takes a value: there is none to hash, whatever it makes of an empty state.
      const without = "AggregateFunction(row_number)";
      for (const as of ["value", "null_apart"] as const) {
        const hashes = await askHashes(connection, [...types, without], as);
        for (const type of types) {
          assert.equal(hashes.get(type) === null, isBefore(version, "26.3"), `${as}: ${type}`);
        }
        assert.equal(hashes.get(without), null, as);
      }
      const texts = await askHashes(connection, [...types, without], "text");
      for (const type of types) assert.notEqual(texts.get(type), null, type);
      assert.equal(texts.get(without), null);
    });

    await t.step("it calls functions unsteady that are, and none that are known to be steady", async () => {
      const rows = await connection.rows<{ function: string }>(UNSTEADY_FUNCTIONS);
      const unsteady = unsteadyNames(rows.map((row) => row.function));
      for (const name of ["now", "generateuuidv4", "rand", "now64", "rownumberinallblocks"]) {
        assert.ok(unsteady.has(name), name);
      }
      for (const name of ["plus", "length", "tostring", "cityhash64", "if"]) {
        assert.ok(!unsteady.has(name), name);
      }
    });
    await connection.close();
  });
}

/** The columns that 23.8 has of these, which an engine without listeners lacks, with two damaged parts and a whole one. */
const BEFORE_23_9: Readonly<Record<string, string>> = {
  replicas: "SELECT 'd' AS database, 't' AS table",
  parts:
    "SELECT 'd' AS database, 't' AS table, '2026' AS partition_id, 1 AS active, toInt64(1) AS min_block_number, " +
    "toInt64(4) AS max_block_number",
  detached_parts: "SELECT 'd' AS database, 't' AS table, toNullable('2026') AS partition_id, " +
    "concat('broken_2026_', toString(b), '_', toString(b), '_0') AS name, toNullable('broken') AS reason, " +
    "toNullable(toInt64(b)) AS min_block_number, toNullable(toInt64(b)) AS max_block_number " +
    "FROM (SELECT arrayJoin([3, 7]) AS b)",
};

for (const engine of refused) {
  Deno.test(`${engine.version} takes, although it is refused, what is asked of columns that came later or had another name`, async (t) => {
    await using one = await startOneSite({ engine: frontOf(engine) });
    const { site } = one;

    await t.step("no function is told to be steady: the list is gone by", async () => {
      const columns =
        "SELECT count() FROM system.columns WHERE (database, table) = ('system', 'functions') AND name LIKE";
      assert.equal(await site.query(`${columns} '%deterministic'`), "0\n");
      const unsteady = unsteadyNames((await site.query(UNSTEADY_FUNCTIONS)).trim().split("\n"));
      for (const name of ["now", "generateuuidv4", "rand"]) assert.ok(unsteady.has(name), name);
      for (const name of ["plus", "length", "tostring", "cityhash64"]) assert.ok(!unsteady.has(name), name);
    });

    await t.step("a damaged part is told, without a time", async () => {
      const statement = BROKEN.replace(/system\.(\w+)/g, (_, name: string) => `(${BEFORE_23_9[name]!})`);
      assert.equal(await site.query(statement), "broken\td\tt\t\tbroken_2026_7_7_0\t\t0\t0\t0\n");
    });
  });
}
