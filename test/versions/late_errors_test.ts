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

    Deno.test(`what ${engine.version} refuses to be asked first of all is told in its own words, told in the ${late}`, async () => {
      const users = { bound: { password: "bound-pw", profile: { max_result_rows: 1 } } };
      await using one = await startOneSite({ engine: frontOf(engine, late), users });
      const connection = openConnection(one.site, {
        endpoint: { ...one.site.endpoint, user: "bound", password: "bound-pw" },
      });
      await assert.rejects(connection.rows("SELECT 1"), (error: unknown) => {
        assert.ok(error instanceof SiteError, String(error));
        assert.match(error.message, /\b396\b|Limit for result exceeded/);
        return true;
      });
      await connection.close();
    });
  }
}

/** A setting that is taken for unknown is not sent: without some of them, rows would be left out in silence. */
for (const engine of whole ? works : works.slice(0, 1)) {
  Deno.test(`half an answer of ${engine.version} to which settings it knows is not believed`, async () => {
    await using one = await startOneSite({ engine: frontOf(engine) });
    for (const kept of [0, 0.5, 0.99]) {
      let cut = 0;
      const cutting: typeof fetch = async (input, init) => {
        const answer = await fetch(input, init);
        if (!String(init?.body).includes("system.settings")) return answer;
        cut++;
        const body = await answer.text();
        return new Response(body.slice(0, body.length * kept), answer);
      };
      const connection = openConnection(one.site, { fetch: cutting });
      await assert.rejects(connection.rows("SELECT number FROM numbers(5)"), (error: unknown) => {
        assert.ok(error instanceof SiteError, String(error));
        assert.match(error.message, /cut off.*\(local site\)/);
        return true;
      });
      assert.equal(cut, 1);
      await connection.close();
    }
  });
}
