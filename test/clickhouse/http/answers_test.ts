/** Answers that something between ch-sync and the server cut off, or made up. */
import assert from "node:assert/strict";
import { decodeRows } from "../../../src/clickhouse/http/answers.ts";
import { startAnswersRelay } from "../../support/links/answers_relay.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";

const HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

Deno.test("an answer that is not whole, or not ClickHouse's, is an error", async (t) => {
  await using one = await startOneSite();
  let change: (text: string) => string | { status: number; text: string } = (text) => text;
  await using relay = startAnswersRelay(one.site.url, (_sql, text) => change(text));
  const connection = openConnection(one.site, { endpoint: { ...one.site.endpoint, url: relay.url } });
  const ask = () => connection.rows<{ number: string }>("SELECT number FROM numbers(3)");

  await t.step("cut off anywhere, though the connection ended well", async () => {
    const whole = await fetch(one.site.url, {
      method: "POST",
      body: "SELECT number FROM numbers(3) FORMAT JSON",
      headers: { authorization: `Basic ${btoa(`sync:${one.site.endpoint.password}`)}` },
    }).then((response) => response.text());
    assert.equal(decodeRows(whole).length, 3);
    for (let length = 0; length < whole.trimEnd().length; length++) {
      assert.throws(() => decodeRows(whole.slice(0, length)), /cut off/);
    }
    change = (text) => text.slice(0, 40);
    await assert.rejects(ask(), /cut off.*\b40 characters/);
  });

  await t.step("an exception after status 200", async () => {
    const exception = "Code: 241. DB::Exception: (total) memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)\n";
    change = (text) => text.slice(0, 60) + exception;
    await assert.rejects(ask(), /an exception followed the status 200: Code: 241/);
    await assert.rejects(connection.command("SELECT 1"), /an exception followed the status 200: Code: 241/);
  });

  await t.step("fewer rows than it says", async () => {
    change = (text) => text.replace('"rows": 3', '"rows": 4');
    await assert.rejects(ask(), /as many rows as/);
  });

  await t.step("a page of HTML with an error", async () => {
    change = () => ({ status: 502, text: HTML });
    await assert.rejects(
      ask(),
      /HTML.*502 Bad Gateway.*URL/,
    );
  });

  await t.step("a page of HTML with status 200, to a command too", async () => {
    await using proxy = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response(HTML),
    );
    const url = `http://127.0.0.1:${proxy.addr.port}`;
    const behind = openConnection(one.site, { endpoint: { ...one.site.endpoint, url } });
    for (const sent of [behind.command("SELECT 1"), behind.rows("SELECT 1")]) {
      await assert.rejects(sent, /something other than ClickHouse answered, such as a proxy/);
    }
    await behind.close();
  });
  await connection.close();
});

Deno.test("servers that call themselves by other names behind one address are told apart at any statement", async () => {
  await using one = await startOneSite();
  const names = ["ch-1", "ch-1", "ch-2"];
  const endpoint = { ...one.site.endpoint };
  const connection = openConnection(one.site, {
    endpoint,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const headers = new Headers(response.headers);
      const name = names.shift();
      if (name === undefined) headers.delete("x-clickhouse-server-display-name");
      else headers.set("x-clickhouse-server-display-name", name);
      return new Response(response.body, { status: response.status, headers });
    },
  });
  const ask = () => connection.rows("SELECT 1");
  await ask();
  await ask();
  await assert.rejects(ask(), /two servers answered by turns, ch-1 and ch-2/);
  await ask();
  await connection.close();
});
