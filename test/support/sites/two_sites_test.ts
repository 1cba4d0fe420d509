/** The harness itself: what all tests on two sites rely on. */
import assert from "node:assert/strict";
import { start } from "./clickhouse_server.ts";
import { temporaryDirectory } from "../temporary_directory.ts";
import { type Site, startSite, startTogether, startTwoSites } from "./two_sites.ts";

/** `remote()` of a table, as a statement at another site uses it. */
function remoteTable({ host, tcpPort, endpoint }: Site, database: string, table: string): string {
  return `remote('${host}:${tcpPort}', '${database}', '${table}', '${endpoint.user}', '${endpoint.password}')`;
}

Deno.test("two sites are two servers that reach each other, and refuse a wrong password", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const both = [primary, dr];

  await t.step("each answers over HTTP by itself, with a password of its own", async () => {
    assert.deepEqual(await Promise.all(both.map((site) => site.query("SELECT 1"))), ["1\n", "1\n"]);
    assert.notEqual(primary.url, dr.url);
    assert.notEqual(primary.endpoint.password, dr.endpoint.password);
    for (const { url } of both) {
      const response = await fetch(`${url}/ping`);
      assert.equal(await response.text(), "Ok.\n");
    }
  });

  await t.step("each holds tables of its own, and reads the other's by remote()", async () => {
    for (const [index, site] of both.entries()) {
      await site.query("CREATE DATABASE d");
      await site.query("CREATE TABLE d.t (n UInt64) ENGINE = MergeTree ORDER BY n");
      await site.query(`INSERT INTO d.t SELECT number FROM numbers(${index + 1})`);
    }
    for (const [here, there, expected] of [[primary, dr, "2\n"], [dr, primary, "1\n"]] as const) {
      assert.equal(await here.query(`SELECT count() FROM ${remoteTable(there, "d", "t")}`), expected);
    }
    await dr.query(`INSERT INTO d.t SELECT n + 10 FROM ${remoteTable(primary, "d", "t")}`);
    assert.deepEqual(await dr.rows<{ n: number }>("SELECT toUInt8(n) AS n FROM d.t ORDER BY n"), [
      { n: 0 },
      { n: 1 },
      { n: 10 },
    ]);
  });

  await t.step("a statement that fails throws with the server's text", async () => {
    await assert.rejects(primary.query("SELECT * FROM d.none"), /UNKNOWN_TABLE/);
  });

  await t.step("a wrong password is refused over both protocols, and the server lives on", async () => {
    const headers = { authorization: `Basic ${btoa("sync:wrong")}` };
    const response = await fetch(primary.url, { method: "POST", body: "SELECT 1", headers });
    assert.equal(response.status, 403);
    await response.body?.cancel();
    const wrong = { ...primary, endpoint: { ...primary.endpoint, password: "wrong" } };
    await assert.rejects(dr.query(`SELECT * FROM ${remoteTable(wrong, "d", "t")}`), /AUTHENTICATION_FAILED/);
    assert.equal(await primary.query("SELECT 1"), "1\n");
  });
});

Deno.test("two sites take their processes and directories with them", async () => {
  const sites = await startTwoSites();
  const servers = [sites.primary.server, sites.dr.server];
  const [path] = await sites.primary.rows<{ path: string }>(
    "SELECT value AS path FROM system.server_settings WHERE name = 'path'",
  );
  await sites[Symbol.asyncDispose]();
  for (const { pid } of servers) assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
  if (path?.path) assert.throws(() => Deno.statSync(path.path), Deno.errors.NotFound);
});

Deno.test("when one site does not start, neither the other one nor their directory is left", async () => {
  let [path, pid] = ["", 0];
  const starting = startTogether("ch-sync-sites-", (directory) => {
    path = directory;
    const one = startSite(`${directory}/one`, "pw", {});
    one.then(({ server }) => pid = server.pid);
    return [one, startSite(`${directory}/two`, "pw", {}, { config: { users_config: "nowhere.xml" } })];
  });
  await assert.rejects(starting, /did not start: it ended\n.*nowhere/s);
  assert.ok(pid > 0);
  for (const gone of [path, `/proc/${pid}`]) assert.throws(() => Deno.statSync(gone), Deno.errors.NotFound);
});

Deno.test("a server that was killed has its data when it starts again on the same path", async () => {
  await using directory = await temporaryDirectory();
  const query = async ({ url }: { readonly url: string }, body: string) => {
    const response = await fetch(url, { method: "POST", body });
    return await response.text();
  };
  const first = await start({ path: directory.path });
  await query(first, "CREATE DATABASE d");
  await query(first, "CREATE TABLE d.t (n UInt64) ENGINE = MergeTree ORDER BY n");
  await query(first, "INSERT INTO d.t SETTINGS async_insert = 0 SELECT number FROM numbers(1000)");
  await first.kill();
  await using second = await start({
    path: directory.path,
    tcpPort: first.tcpPort,
    httpPort: first.httpPort,
  });
  assert.equal(await query(second, "SELECT count() FROM d.t"), "1000\n");
});

Deno.test("the engine is in neither deno.json nor deno.lock, which end up in the compiled program", async () => {
  for (const name of ["deno.json", "deno.lock"]) {
    const text = await Deno.readTextFile(new URL(`../../../${name}`, import.meta.url));
    assert.doesNotMatch(text, /chdb/);
  }
});
