/** A column of every type that two versions have: repaired exactly, or refused, and never wrong. */
import assert from "node:assert/strict";
import { isBefore } from "../../src/clickhouse/dialect/versions.ts";
import { STORED_OTHERWISE, TYPED_COLUMNS } from "../support/data/typed_columns.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { siteOf } from "../support/versions/engine_of_run.ts";
import { frontOf } from "../support/versions/front_server.ts";

/** Fifty tables take a minute or two behind a front: every run takes those with NULL, and one engine. */
const whole = Deno.env.get("CH_SYNC_VERSIONS") !== undefined;

const DICTIONARY = /LowCardinality\((?:Nullable\()?Float/;

/** What is said of rows that were copied, and of rows that were not. */
const TAKEN = ["missing, repaired", "partial, repaired"];
const LEFT = ["failed", "independent", "unsupported"];

/** Without it no server creates a dictionary of floats. */
const SUSPICIOUS = { profile: { allow_suspicious_low_cardinality_types: 1 } };

/** What an older server creates where a profile allows it, as that of ch-sync need not. */
const EXPERIMENTS: Readonly<Record<string, string>> = {
  JSON: `concat('{"a": ', toString(number), '}')`,
  "Array(JSON)": `[concat('{"a": ', toString(number), '}')::JSON]`,
  Dynamic: "if(number % 2, toString(number), 'x')",
  "Variant(String, UInt64)": "number",
  BFloat16: "number / 4",
  "QBit(Float32, 2)": "[number, 1.]::QBit(Float32, 2)",
  "Nullable(Tuple(a Int32, b String))": "if(number % 3, (number, 'x'), NULL)",
  Time: "number",
};

/** Those whose text both sites have in common tell whether the rows are the same. */
async function rowsOf(sites: TwoSites, index: number, where = "1"): Promise<readonly [string, string]> {
  const { type, same = type.startsWith("AggregateFunction(groupArray,") ? "finalizeAggregation(v)" : "v" } =
    TYPED_COLUMNS[index]!;
  // 26.3 has a text for the NULL of a Variant, where others have none.
  const ask =
    `SELECT ts, if(isNull(${same}), 'NULL', toString(${same})) AS text, count() FROM d.t${index} WHERE ${where} GROUP BY ts, text ORDER BY ts, text`;
  return [await sites.primary.query(ask), await sites.dr.query(ask)];
}

/** Tables of the types that both servers create, with a day that is absent at one and another that is there in part. */
async function fill(sites: TwoSites, takes: (type: string) => boolean): Promise<number[]> {
  const { primary, dr } = sites;
  for (const site of [primary, dr]) await site.query("CREATE DATABASE d");
  const made: number[] = [];
  for (const [index, { type, value }] of TYPED_COLUMNS.entries()) {
    if (!takes(type)) continue;
    const create =
      `CREATE TABLE d.t${index} (ts DateTime('UTC'), v ${type}) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ` +
      "ORDER BY ts" +
      (type.startsWith("Nullable(Tuple(") ? " SETTINGS allow_experimental_nullable_tuple_type = 1" : "");
    const insert = (day: string, where: string) =>
      `INSERT INTO d.t${index} SELECT toDateTime('${day} 00:00:00', 'UTC') + number * 600, ${value} FROM numbers(40) ` +
      `WHERE ${where}`;
    const both = await Promise.allSettled([primary, dr].map((site) => site.query(create)));
    // Older servers take `Geometry` for another word for String.
    const stored = both.every(({ status }) => status === "fulfilled") &&
      await Promise.all(
        [primary, dr].map((site) =>
          site.query(`SELECT type = 'String' FROM system.columns WHERE (table, name) = ('t${index}', 'v')`)
        ),
      );
    const filled = stored && stored[0] === stored[1] &&
      await Promise.all([
        primary.query(insert("2026-01-01", "1")),
        primary.query(insert("2026-01-02", "1")),
        dr.query(insert("2026-01-02", "number % 2 = 0")),
      ]).then(() => true, () => false);
    if (filled) made.push(index);
    else for (const site of [primary, dr]) await site.query(`DROP TABLE IF EXISTS d.t${index}`);
  }
  return made;
}

const { works } = await enginesOfThisRun();

for (const engine of whole ? works : works.slice(0, 1)) {
  for (const side of whole ? ["dr", "primary"] as const : ["dr"] as const) {
    Deno.test(`every type is repaired exactly or refused with ${engine.version} as the ${side} site`, async () => {
      await using sites = await startTwoSites({ [side]: { engine: frontOf(engine) } });
      const made = await fill(
        sites,
        (type) => !STORED_OTHERWISE.test(type) && (whole || type.includes("Nullable(")),
      );
      const report = await checkSites(sites);
      assert.equal(report.error, null);
      const refused = findingsOf(report).filter(({ cause }) => cause === "no_common_hash").map(({ table }) =>
        table
      );
      const compared = made.filter((index) => !refused.includes(`d.t${index}`));
      assert.ok(compared.length >= (whole ? 30 : 5), `only ${compared.length} types were compared`);
      const expected = compared.flatMap((index) => [
        [`d.t${index} 20260101`, "missing, repaired"],
        [`d.t${index} 20260102`, "partial, repaired"],
      ]);
      const others = refused.map((table) => [table, "unsupported"]);
      assert.deepEqual(reasonsOf(report), Object.fromEntries([...expected, ...others]));
      for (const index of compared) {
        const [there, here] = await rowsOf(sites, index);
        assert.equal(here, there, TYPED_COLUMNS[index]!.type);
      }
      assert.deepEqual(reasonsOf(await checkSites(sites)), Object.fromEntries(others));
    });
  }
}

for (const engine of whole ? works : works.slice(0, 1)) {
  for (const side of whole ? ["dr", "primary"] as const : ["primary"] as const) {
    Deno.test(`what versions store in other bytes is repaired, refused or taken back, and never wrong, with ${engine.version} as the ${side} site`, async () => {
      await using sites = await startTwoSites({
        dr: { sync: SUSPICIOUS },
        primary: { sync: SUSPICIOUS },
        [side]: { engine: frontOf(engine), sync: SUSPICIOUS },
      });
      const made = await fill(sites, (type) => STORED_OTHERWISE.test(type));
      assert.ok(made.length >= 3, `only ${made.length} types were created`);
      const partitions = made.flatMap((index) =>
        ["20260101", "20260102"].map((id) => ({ index, table: `d.t${index}`, id }))
      );
      const rows = () =>
        Promise.all(partitions.map(({ index, id }) => rowsOf(sites, index, `toYYYYMMDD(ts) = ${id}`)));
      const before = await rows();
      // What was refused or taken back stays so, and no check adds to what another one left.
      for (const _ of [1, 2]) {
        const report = await checkSites(sites);
        assert.equal(report.error, null);
        const after = await rows();
        for (const [at, { index, table, id }] of partitions.entries()) {
          const [there, here] = after[at]!;
          // The copy of a dictionary that another version made comes out otherwise.
          const takesBack = side === "primary" && isBefore(engine.version, "26.3") &&
            DICTIONARY.test(TYPED_COLUMNS[index]!.type);
          const reasons = findingsOf(report)
            .filter((one) => one.table === table && [id, ""].includes(one.partitionId ?? ""))
            .map(({ reason, repaired }) => repaired ? `${reason}, repaired` : reason);
          const what = `${TYPED_COLUMNS[index]!.type} ${id}: ${reasons.join("; ")}`;
          const unknown = reasons.filter((reason) => !TAKEN.includes(reason) && !LEFT.includes(reason));
          assert.deepEqual(unknown, [], what);
          const all = reasons.length === 0 || reasons.some((reason) => TAKEN.includes(reason));
          if (all) assert.equal(here, there, what);
          else assert.ok(here === before[at]![1] || here === there, what);
          if (takesBack && id === "20260101") assert.deepEqual([reasons, here], [["failed"], ""], what);
        }
      }
    });
  }
}

for (const engine of whole ? works : works.slice(0, 1)) {
  Deno.test(`types that ${engine.version} may take for experiments are repaired where it has them`, async () => {
    await using sites = await startTwoSites({ primary: siteOf(engine), dr: siteOf(engine) });
    for (const site of [sites.primary, sites.dr]) await site.query("CREATE DATABASE d");
    const made: string[] = [];
    for (const [type, value] of Object.entries(EXPERIMENTS)) {
      const table = `d.\`${type}\``;
      const day = (from: number) =>
        `INSERT INTO ${table} SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + ${from} * 86400 + number, ${value} FROM numbers(9)`;
      const taken = await Promise.allSettled([sites.primary, sites.dr].map(async (site) => {
        await site.query(
          `CREATE TABLE ${table} (ts DateTime('UTC'), v ${type}) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts`,
        );
        await site.query(day(0));
      })).then((each) => each.every(({ status }) => status === "fulfilled"));
      if (taken) await sites.primary.query(day(1));
      else for (const site of [sites.primary, sites.dr]) await site.query(`DROP TABLE IF EXISTS ${table}`);
      if (taken) made.push(type);
    }
    assert.ok(made.length > 0 || isBefore(engine.version, "24.8"));
    const report = await checkSites(sites);
    assert.equal(report.error, null);
    assert.deepEqual(
      reasonsOf(report),
      Object.fromEntries(made.map((type) => [`d.${type} 20260102`, "missing, repaired"])),
      findingsOf(report).map(({ table, detail }) => `${table}: ${detail}`).join("\n"),
    );
    assert.deepEqual(reasonsOf(await checkSites(sites)), {});
  });
}

for (const engine of whole ? works : works.slice(-1)) {
  Deno.test(`what ${engine.version} stores in a path of JSON under one type is not what it stores under another`, async () => {
    await using sites = await startTwoSites({ primary: siteOf(engine), dr: siteOf(engine) });
    const { primary, dr } = sites;
    const taken: boolean[] = [];
    for (const site of [primary, dr]) {
      await site.query("CREATE DATABASE d");
      for (const name of ["number", "text", "batch"]) {
        const create =
          `CREATE TABLE d.${name} (ts DateTime('UTC'), v JSON) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts`;
        taken.push(await site.query(create).then(() => true, () => false));
      }
    }
    if (!taken.every(Boolean)) return assert.ok(isBefore(engine.version, "24.8"));
    const insert = (name: string, ...values: readonly string[]) =>
      `INSERT INTO d.${name} SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, [${
        values.map((value) => `'{"n": ${value}}'`)
      }][number + 1] FROM numbers(${values.length})`;
    // Each site's writer sends the same two documents: here they are the same, there one is a text.
    for (const site of [primary, dr]) await site.query(insert("number", "1.5", "2"));
    await primary.query(insert("text", "1", "2"));
    await dr.query(insert("text", "1", `"2"`));
    // A server that has stored 1.5 in a batch may take a 2 behind it for a float too, and the next server does not.
    await primary.query(insert("batch", "1.5", "2"));
    await dr.query(`${insert("batch", "1.5", "2")} WHERE number = 0`);
    await dr.query(`${insert("batch", "1.5", "2")} WHERE number = 1`);
    const types = (site: typeof dr) => site.query("SELECT dynamicType(v.n) FROM d.batch ORDER BY ts");
    const alike = await types(primary) === await types(dr);
    assert.equal(alike, !isBefore(engine.version, "26.3"));
    const report = await checkSites(sites);
    assert.equal(report.error, null);
    const others = { "d.text 202601": "independent", ...alike ? {} : { "d.batch 202601": "independent" } };
    assert.deepEqual(reasonsOf(report), others);
  });
}
