/** What a site shows of its parts, in one question where they are listed already. */
import assert from "node:assert/strict";
import { hiddenRows } from "../../../src/check/compare/hidden_rows.ts";
import { readPartitions } from "../../../src/clickhouse/catalog/read_parts.ts";
import { readVisibility } from "../../../src/clickhouse/compare/read_visibility.ts";
import type { Partitions } from "../../../src/model/partition.ts";
import { casesOf } from "../../support/cases.ts";
import { fc } from "../../support/seed.ts";
import { openConnection } from "../../support/sites/open_connection.ts";
import { startOneSite } from "../../support/sites/one_site.ts";

const TABLE = { database: "v", name: "days" };
const AXIS = { column: "ts", unit: "seconds" } as const;
const DAYS = ["20260101", "20260102", "20260103"];

/** What may happen to a table between its listing and the question; in each, `n` is a number of a row from 0 to 9. */
const EVENTS = {
  insert: (day: number, n: number) =>
    `INSERT INTO v.days SELECT toDateTime('2026-01-0${day} 00:00:00', 'UTC') + number, number % 10 FROM numbers(${n})`,
  merge: (day: number) => `OPTIMIZE TABLE v.days PARTITION ID '${DAYS[day - 1]}' FINAL`,
  remove: (day: number, n: number) => `DELETE FROM v.days WHERE toDayOfMonth(ts) = ${day} AND n = ${n}`,
  drop: (day: number) => `ALTER TABLE v.days DROP PARTITION ID '${DAYS[day - 1]}'`,
  hide: (_: number, n: number) => `INSERT INTO h.hidden VALUES (${n})`,
  show: () => "TRUNCATE TABLE h.hidden",
} as const;

Deno.test("rows that are hidden are found, however the table was listed before", async () => {
  // Servers of tests take policies at their start alone: this one hides what a table says.
  const rowPolicies = { "v.days": "n NOT IN (SELECT n FROM h.hidden)" };
  await using one = await startOneSite({ sync: { rowPolicies } });
  const { site } = one;
  await site.query("CREATE DATABASE h");
  await site.query("CREATE TABLE h.hidden (n UInt8) ENGINE = Memory");
  await site.query("CREATE DATABASE v");
  let asked = 0;
  const connection = openConnection(site, {
    onStatement: ({ aside }) => void (asked += aside ? 0 : 1),
  });
  const list = async () => (await readPartitions(connection, [TABLE], null)).get("v.days")!;
  const look = async (listed: Partitions) => {
    asked = 0;
    const seen = await readVisibility(connection, TABLE, DAYS.filter((day) => listed.has(day)), AXIS, listed);
    return { seen, statements: asked };
  };
  const unlisted = (listed: Partitions): Partitions =>
    new Map([...listed].map(([id, { partRows: _, ...partition }]) => [id, partition]));

  const event = fc.tuple(
    fc.constantFrom(...Object.keys(EVENTS) as (keyof typeof EVENTS)[]),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 9 }),
  );
  const events = fc.array(event, { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(events, events, async (before, meanwhile) => {
      // Nothing is merged while it is looked twice.
      const happen = async (some: typeof before) => {
        await site.query("SYSTEM START MERGES v.days");
        for (const [kind, day, n] of some) await site.query(EVENTS[kind](day, n));
        await site.query("SYSTEM STOP MERGES v.days");
      };
      await site.query("DROP TABLE IF EXISTS v.days SYNC");
      await site.query(
        "CREATE TABLE v.days (ts DateTime('UTC'), n UInt8) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts " +
          "SETTINGS old_parts_lifetime = 0",
      );
      await site.query("SYSTEM STOP MERGES v.days");
      await site.query(EVENTS.show());
      for (const day of [1, 2, 3]) await site.query(EVENTS.insert(day, 9));
      await happen(before);
      const listed = await list();
      const { seen, statements } = await look(listed);
      const whole = await look(unlisted(listed));
      assert.deepEqual(hiddenRows(seen), hiddenRows(whole.seen));
      if (listed.size > 0) assert.equal(statements, hiddenRows(seen).length === 0 ? 1 : whole.statements + 1);

      await happen(meanwhile);
      const [after, now] = [await look(listed), await look(unlisted(listed))];
      const [found, hidden] = [after, now].map(({ seen }) => hiddenRows(seen));
      // Of parts that came since nothing is known; those that were listed are still there only if nothing is hidden of them.
      if (after.statements > 1) assert.deepEqual(found, hidden);
      else {assert.deepEqual(
          hidden!.filter(({ part }) => seen.stored.some(({ name }) => name === part.name)),
          [],
        );}
    }),
    { numRuns: casesOf("visibility") },
  );
  await connection.close();
});
