import assert from "node:assert/strict";
import { ping } from "../../../src/clickhouse/http/ping.ts";
import { startOneSite } from "../../support/sites/one_site.ts";

Deno.test("why a server does not answer /ping", async (t) => {
  await using one = await startOneSite();
  const { url, tcpPort } = one.site;
  const problemOf = (url: string) => ping(fetch, url, 10_000);

  await t.step("a ClickHouse answers", async () => {
    assert.equal(await problemOf(url), null);
  });

  await t.step("its native port is not the HTTP port", async () => {
    assert.match(await problemOf(`http://127.0.0.1:${tcpPort}`) ?? "", /native port.*use the HTTP port/);
  });

  await t.step("something else answers, well or not", async () => {
    for (const status of [200, 502]) {
      await using other = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        () => new Response("welcome", { status }),
      );
      const problem = await problemOf(`http://127.0.0.1:${other.addr.port}`);
      assert.match(problem ?? "", new RegExp(`HTTP status ${status} came, and not "Ok\\."`));
    }
  });
});
