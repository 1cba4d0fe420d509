/** The settings that a statement is sent with: those of all statements and its own, as they stand in the URL. */
import assert from "node:assert/strict";
import { SETTINGS_QUESTION, SETTINGS_STATEMENT } from "../../../src/clickhouse/dialect/known_settings.ts";
import { EXPERIMENTS } from "../../../src/clickhouse/dialect/versions.ts";
import { inUrl, withCommonSettings } from "../../../src/clickhouse/http/common_settings.ts";
import { EXACT } from "../../../src/clickhouse/http/exact_settings.ts";
import { BOUNDED, EXACT_INSERT } from "../../../src/clickhouse/http/statement_settings.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";

/** Each name and value as they arrive; what goes twice stands here twice. */
function sorted(settings: Iterable<readonly [string, unknown]>): string[] {
  return [...settings].map(([name, value]) => `${name}=${value}`).sort();
}

Deno.test("a setting of the URL stands in place of a common one, and every other goes once, whatever its value", () => {
  const sent: string[] = [];
  const over = (input: unknown) => (sent.push(String(input)), Promise.resolve(new Response()));
  const common = inUrl({ a: "1", ab: "x&a=2 ?#+%ä", limit: "0", n: "" });
  const send = withCommonSettings(() => common, over);
  send("http://h:1/?query_id=a&limit=7&a=&o=%26n%3D1");
  send("http://h:1/path?query_id=n");
  assert.deepEqual(sent.map((url) => sorted(new URL(url).searchParams)), [
    ["a=", "ab=x&a=2 ?#+%ä", "limit=7", "n=", "o=&n=1", "query_id=a"],
    ["a=1", "ab=x&a=2 ?#+%ä", "limit=0", "n=", "query_id=n"],
  ]);
  assert.equal(new URL(sent[1]!).pathname, "/path");
});

Deno.test("every statement goes with all common settings and its own, which win, each of them once", async () => {
  await using one = await startOneSite();
  const sent = new Map<string, string[]>();
  const connection = openConnection(one.site, {
    fetch: (input, init) => {
      const { searchParams } = new URL(String(input));
      const [statement = ""] = String(init?.body).split(" \nFORMAT ");
      sent.set(statement, sorted([...searchParams].filter(([name]) => name !== "query_id")));
      return fetch(input, init);
    },
  });
  const asked = "SELECT getSetting('max_query_size') AS size, getSetting('join_use_nulls') AS nulls";
  const own = { max_query_size: "300000", join_use_nulls: 1, max_threads: 3 } as const;
  const always = { wait_end_of_query: 1 };

  assert.deepEqual(await connection.one(asked, { settings: own }), { size: 300000, nulls: true });
  const read = { ...always, ...EXACT, ...own, readonly: "2" };
  assert.deepEqual(sent.get(asked), sorted(Object.entries(read)));
  await connection.command("SELECT 1");
  assert.deepEqual(sent.get("SELECT 1"), sorted(Object.entries({ ...always, ...EXACT })));
  await connection.command("SELECT 2", { long: true, settings: { ...EXACT_INSERT, ...own } });
  const long = { ...always, ...EXACT, ...BOUNDED, ...EXACT_INSERT, ...own };
  assert.deepEqual(sent.get("SELECT 2"), sorted(Object.entries(long)));

  // From here on the server is taken for an older one.
  await connection.command("SELECT 3", { settings: { ...own, no_server_knows_it: "1" } });
  assert.deepEqual(
    sent.get(SETTINGS_STATEMENT),
    sorted(Object.entries({ ...always, ...SETTINGS_QUESTION[2] })),
    "the question which settings a server knows goes with none that it may not know",
  );
  const names = new Set(
    (await one.site.rows<{ name: string }>("SELECT name FROM system.settings")).map((row) => row.name),
  );
  const older = Object.entries({ ...EXACT, ...EXPERIMENTS, ...own }).filter(([name]) => names.has(name));
  assert.deepEqual(sent.get("SELECT 3"), sorted([...older, ...Object.entries(always)]));
  await connection.close();
});
