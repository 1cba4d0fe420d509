import assert from "node:assert/strict";
import { connectionProblem, SiteError, toSiteError } from "../../../src/clickhouse/http/errors.ts";
import { literal } from "../../../src/clickhouse/sql/quoting.ts";
import { makeRedactor } from "../../../src/log/redact.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const PASSWORD = "canary-dr-pw";
const SECRET = "s3cret  of\nthe 'other' site";

/** What a statement that must fail says. */
async function failure(
  site: Site,
  statement: string,
  password = PASSWORD,
  url = site.url,
): Promise<SiteError> {
  const connection = openConnection(site, {
    endpoint: { url, user: "sync", password },
    redact: makeRedactor([password, SECRET]),
  });
  try {
    await connection.command(statement);
  } catch (error) {
    assert.ok(error instanceof SiteError, String(error));
    assert.doesNotMatch(error.message, /[\n\r]|s3cret|of\\?n?\s?the/);
    assert.ok(!error.message.includes(password), error.message);
    assert.ok(
      error.message.startsWith("ClickHouse execute error: ") && error.message.endsWith(" (local site)"),
    );
    return error;
  } finally {
    await connection.close();
  }
  throw new Error(`did not fail: ${statement}`);
}

Deno.test("an error of a server is one line with its code, and no password in it", async (t) => {
  await using one = await startOneSite();
  const { site } = one;

  await t.step("wrong password", async () => {
    const error = await failure(site, "SELECT 1", "wrong-canary");
    assert.equal(error.code, 516);
    assert.match(
      error.message,
      /AUTHENTICATION_FAILED, code 516\); .*LOCAL_CH_.*REMOTE_CH_/,
    );
  });

  await t.step("unknown table", async () => {
    const error = await failure(site, "SELECT * FROM system.no_such_table");
    assert.equal(error.code, 60);
    assert.match(error.message, /no_such_table/);
  });

  await t.step("syntax error in a statement that holds a password", async () => {
    const remote = `remote('h', d, t, 'sync', ${literal(SECRET)})`;
    const error = await failure(site, `SELECT *\nFROM ${remote} WHERE ( FROM ${remote}`);
    assert.equal(error.code, 62);
    assert.match(error.message, /Syntax error/);
  });

  await t.step("a message that is cut off in the middle of a password", async () => {
    for (let length = 150; length < 300; length += 3) {
      const padding = "x".repeat(length);
      const error = await failure(
        site,
        `SELECT throwIf(1, ${literal(`${padding} ${SECRET} ${PASSWORD} tail`)})`,
      );
      assert.equal(error.code, 395);
      assert.ok(!/canary|other/.test(error.message), error.message);
    }
  });

  await t.step("a remote table that cannot be read", async () => {
    const error = await failure(
      site,
      `SELECT * FROM remote('127.0.0.1:1', d, t, 'sync', ${literal(SECRET)})`,
    );
    assert.ok([210, 279, 519].includes(error.code!), error.message);
    assert.match(error.message, /; the local ClickHouse cannot (reach|read)/);
  });

  await t.step(
    "a setting that a server does not take, whether of a profile or of its own",
    async () => {
      const says = (text: string) =>
        failure(
          site,
          `SELECT throwIf(1, ${literal(text)}, toInt16(452)) SETTINGS allow_custom_error_code_in_throwif = 1`,
        );
      const fixed = await says("Setting allow_experimental_analyzer should not be changed");
      assert.equal(fixed.code, 452);
      assert.match(fixed.message, /code 452\); .*profile.*\(const, min, max\)/);
      const apart = await says(
        "Setting 'allow_experimental_analyzer' cannot be disabled: the analyzer is mandatory since v26.9",
      );
      assert.match(apart.message, /code 452\); .*before 24\.3 .*26\.9 .*upgrade/);
      assert.doesNotMatch(apart.message, /const, min, max/);
    },
  );

  await t.step("connection refused", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const error = await failure(site, "SELECT 1", PASSWORD, `http://127.0.0.1:${port}`);
    assert.equal(error.code, null);
    assert.match(error.message, /refused/i);
    assert.doesNotMatch(error.message, /fetch failed/);
  });
});

Deno.test("connectionProblem() finds the reason at the bottom of the causes, on one line", () => {
  const error = new TypeError("fetch failed", {
    cause: new Error("client error", {
      cause: new Error("tcp connect error:\n Connection refused (os error 111)"),
    }),
  });
  assert.equal(connectionProblem(error), "tcp connect error: Connection refused (os error 111)");
  assert.equal(connectionProblem("text"), "text");
});

Deno.test("connectionProblem() says of every kind of time-out that it is one", () => {
  const timeouts = [
    new DOMException("Signal timed out.", "TimeoutError"),
    new Error("Timeout error."),
    new TypeError("fetch failed", { cause: new Error("operation timed out") }),
  ];
  for (const error of timeouts) assert.equal(connectionProblem(error), "Timeout: connect timed out");
});

Deno.test("connectionProblem() leaves out the address, which may hold credentials", () => {
  const error = new TypeError("error sending request for url (http://u:pw@h:8123/?x=1): connection closed");
  assert.equal(connectionProblem(error), "error sending request: connection closed");
});

Deno.test("toSiteError() hands on what is a SiteError already, and puts up with whatever else is thrown", () => {
  const known = new SiteError("remote", 60, "gone");
  assert.equal(toSiteError(known, "local", (text) => text), known);
  assert.equal(known.message, "ClickHouse execute error: gone (remote site)");
  const odd = toSiteError("a pw b", "remote", (text) => text.replace("pw", "***"));
  assert.deepEqual([odd.site, odd.code, odd.message], [
    "remote",
    null,
    "ClickHouse execute error: a *** b (remote site)",
  ]);
});
