import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { identifier, literal, qualified } from "../../../src/clickhouse/sql/quoting.ts";
import { HOSTILE_NAMES } from "../../support/data/hostile_names.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";

/** Any text, the characters that quoting is about more often than others. */
const text = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.array(fc.constantFrom("'", "\\", "`", '"', "\0", "\n", "0", "n", "{", "}", "%", "x", "🦆"), {
    maxLength: 12,
  })
    .map((units) => units.join("")),
);

function hex(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
    .toUpperCase();
}

Deno.test("whatever is quoted reaches the server as it was", async (t) => {
  await using one = await startOneSite();
  const connection = openConnection(one.site);

  await t.step("literal() stands for any text, byte by byte", async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (a, b) => {
        const row = await connection.one(`SELECT hex(${literal(a)}) AS a, hex(${literal(b)}) AS b`);
        assert.deepEqual(row, { a: hex(a), b: hex(b) });
      }),
      { numRuns: 300 },
    );
  });

  await t.step("identifier() names a column of any name", async () => {
    await fc.assert(
      fc.asyncProperty(text.filter((name) => name !== ""), async (name) => {
        const row = await connection.one<object>(
          `SELECT ${identifier(name)} FROM (SELECT 7 AS ${identifier(name)})`,
        );
        assert.deepEqual(Object.entries(row), [[name, 7]]);
      }),
      { numRuns: 300 },
    );
  });

  await t.step("qualified() names a table of any name in a database of any name", async () => {
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      const database = HOSTILE_NAMES.at(-index)!;
      const id = { database, name };
      await connection.command(`CREATE DATABASE IF NOT EXISTS ${identifier(database)}`);
      await connection.command(`CREATE TABLE ${qualified(id)} (a UInt8) ENGINE = MergeTree ORDER BY a`);
      const where = `database = ${literal(database)} AND name = ${literal(name)}`;
      assert.deepEqual(
        await connection.one(`SELECT database, name FROM system.tables WHERE ${where}`),
        id,
      );
      await connection.command(`DROP TABLE ${qualified(id)} SYNC`);
    }
  });
  await connection.close();
});
