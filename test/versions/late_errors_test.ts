/** Statements that fail after a server of an older version began to answer: with status 200. */
import assert from "node:assert/strict";
import { SiteError } from "../../src/clickhouse/http/errors.ts";
import { startOneSite } from "../support/sites/one_site.ts";
import { openConnection } from "../support/sites/open_connection.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";

const FAILING: Readonly<Record<string, string>> = {
  "INSERT INTO d.t SELECT if(number = 9, throwIf(1), number) FROM numbers(10)": "395",
  "ALTER TABLE d.t ATTACH PARTITION ID 'all' FROM d.other": "(?:36|122)",
  "ALTER TABLE d.t MOVE PARTITION ID 'all' TO TABLE d.other": "(?:36|122)",
  "SELECT throwIf(number = 3) FROM numbers(5)": "395",
};

const whole = Deno.env.get("CH_SYNC_VERSIONS") !== undefined;
const { works } = await enginesOfThisRun();

for (const engine of whole ? works : works.slice(0, 1)) {
  for (const late of ["header", "body"] as const) {
    Deno.test(`what fails at ${engine.version} with status 200 is not taken for done, told in the ${late}`, async () => {
      await using one = await startOneSite({ engine: frontOf(engine, late) });
      const connection = openConnection(one.site);
      await connection.command("CREATE DATABASE d");
      await connection.command("CREATE TABLE d.t (a UInt64) ENGINE = MergeTree ORDER BY a");
      await connection.command("CREATE TABLE d.other (a UInt64, b UInt8) ENGINE = MergeTree ORDER BY (a, b)");
      await connection.command("INSERT INTO d.t SELECT number FROM numbers(3)");
      for (const [statement, code] of Object.entries(FAILING)) {
        const sent = statement.startsWith("SELECT")
          ? connection.rows(statement)
          : connection.command(statement);
        await assert.rejects(sent, (error: unknown) => {
          assert.ok(error instanceof SiteError, String(error));
          assert.match(`code ${error.code} ${error.message}`, new RegExp(`\\b${code}\\b`));
          return true;
        }, statement);
      }
      assert.deepEqual(await connection.rows("SELECT count() AS rows FROM d.t"), [{ rows: "3" }]);
      await connection.close();
    });
  }
}
