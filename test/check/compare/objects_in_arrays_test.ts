/** Values that servers hash alike and that are not: arrays of objects. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

/** Both are at the active site, and the other one here. */
const PAIRS: Record<string, readonly [type: string, there: string, other: string]> = {
  empty: ["JSON", `{"a":[{"b":1},{}]}`, `{"a":[{},{"b":1}]}`],
  two: ["JSON", `{"a":[{"b":1},{"c":2}]}`, `{"a":[{"c":2},{"b":1}]}`],
  apart: ["JSON", `{"a":[{"b":1,"c":2},{}]}`, `{"a":[{"b":1},{"c":2}]}`],
  spans: [
    "JSON",
    `{"events":[{"name":"start"},{"error":"timeout"}]}`,
    `{"events":[{"error":"timeout"},{"name":"start"}]}`,
  ],
  more: ["JSON", `{"a":[{"b":1},{"b":2},{}]}`, `{"a":[{"b":1},{},{"b":2}]}`],
  texts: ["JSON", `{"a":[{"b":"x"},{"b":"y"}]}`, `{"a":[{"b":"y"},{"b":"x"}]}`],
  deep: ["JSON", `{"a":[{"b":[{"c":1},{}]}]}`, `{"a":[{"b":[{},{"c":1}]}]}`],
  shared: ["JSON(max_dynamic_paths=0)", `{"a":[{"b":1},{}]}`, `{"a":[{},{"b":1}]}`],
  dynamic: ["Dynamic", `['{"b":1}','{}']::Array(JSON)`, `['{}','{"b":1}']::Array(JSON)`],
  "tuple": ["Dynamic", `('{"b":1}'::JSON, '{}'::JSON)`, `('{}'::JSON, '{"b":1}'::JSON)`],
  "variant": [
    "Variant(Array(JSON), UInt8)",
    `['{"b":1}','{}']::Array(JSON)`,
    `['{}','{"b":1}']::Array(JSON)`,
  ],
  numbers: ["JSON", `{"a":[{"b":1}]}`, `{"a":[{"b":"1"}]}`],
  "numbers_in_dynamic": ["Dynamic", `['{"b":1}']::Array(JSON)`, `['{"b":"1"}']::Array(JSON)`],
  mixed: ["JSON", `{"a":[{"b":1},{},1]}`, `{"a":[{},{"b":1},1]}`],
  nested: ["JSON", `{"a":[[{"b":1}],[{}]]}`, `{"a":[[{}],[{"b":1}]]}`],
  below: ["JSON", `{"x":{"y":[{"b":1},{}]}}`, `{"x":{"y":[{},{"b":1}]}}`],
  typed: ["JSON(a Array(JSON))", `{"a":[{"b":1},{}]}`, `{"a":[{},{"b":1}]}`],
};

Deno.test("arrays of objects are told apart by the bounds of the objects", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  for (const [name, [type, there, other]] of Object.entries(PAIRS)) {
    await onBoth(
      sites,
      `CREATE TABLE d.${name} (ts DateTime('UTC'), id UInt32, v ${type}) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (ts, id)`,
    );
    const insert = (site: typeof dr, text: string) =>
      site.query(
        `INSERT INTO d.${name} SELECT toDateTime('2026-01-01 00:00:00', 'UTC'), 1, ` +
          (/^(?:Dynamic|Variant)/.test(type) ? text : `'${text}'`),
      );
    await insert(primary, there);
    await insert(primary, other);
    await insert(dr, other);
  }
  const report = await checkSites(sites);
  assert.ok(isClean(report));
  assert.deepEqual(report.tables.flatMap(({ warnings }) => warnings), []);
  for (const name of Object.keys(PAIRS)) {
    await t.step(name, async () => {
      // Texts may read alike, and hashes be alike: each by itself.
      const both = `SELECT arraySort(groupUniqArray((toString(v), cityHash64(v)))), count() FROM d.${name}`;
      assert.equal(await dr.query(both), await primary.query(both));
      assert.equal(await content(dr, `d.${name}`), await content(primary, `d.${name}`));
    });
  }
});
