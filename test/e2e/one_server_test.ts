/** Addresses that lead elsewhere, as an operator gets them wrong: no command says that all is well. */
import assert from "node:assert/strict";
import { startBalancer } from "../support/links/balancer.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { everything, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { freePort } from "../support/sites/free_port.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("no command is content with an address that leads elsewhere", async (t) => {
  await using sites = await startTwoSites({ users: { twin: { password: "canary-twin" } } });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.gap"), telemetryTable("d.equal"));
  for (const table of ["d.gap", "d.equal"]) await load(primary, table, "2026-01-01", 100);
  await load(dr, "d.equal", "2026-01-01", 100);
  await load(dr, "d.gap", "2026-01-01", 50);
  await using tunnel = startBalancer([Number(new URL(primary.url).port)]);
  await using native = startBalancer([primary.tcpPort, dr.tcpPort]);
  await using http = startBalancer([primary, dr].map(({ url }) => Number(new URL(url).port)));
  await using chSync = await installChSync({
    ...environmentOf("dr", dr, primary),
    LOCAL_CH_USER: "twin",
    LOCAL_CH_PASSWORD: "canary-twin",
    REMOTE_CH_USER: "twin",
    REMOTE_CH_PASSWORD: "canary-twin",
    FAILBACK_CLEAN_CHECKS: "1",
  });
  const before = await everything(dr);
  const cases: Record<string, [Record<string, string>, RegExp]> = {
    "a tunnel for HTTP, and this site's own native port": [
      { REMOTE_CH_URL: tunnel.url, REMOTE_CH_PORT: String(dr.tcpPort) },
      /leads back to the local ClickHouse server/,
    ],
    "the native port is closed": [{ REMOTE_CH_PORT: String(freePort()) }, /REMOTE_CH_PORT/],
    "a balancer before the native port": [{ REMOTE_CH_PORT: String(native.port) }, /servers by turns/],
    "a balancer before the HTTP port": [{ REMOTE_CH_URL: http.url }, /servers by turns/],
  };
  for (const [name, [environment, says]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const exclude = { CH_EXCLUDE_PATTERNS: name.endsWith("closed") ? "d.gap" : "" };
      for (const args of [["--once"], ["--doctor"], ["--evidence", "failback.md"]]) {
        const { code, stdout, stderr } = await chSync.run(args, { ...environment, ...exclude });
        assert.equal(code, 1, `${args}: ${stdout}${stderr}`);
        assert.match(stdout + stderr, says, String(args));
        assert.doesNotMatch(stdout, /^SAFE|Status: FAILBACK READY|: ch-sync can do its work$/m);
        assert.ok(!(stdout + stderr).includes("canary"), "a secret is shown");
      }
      assert.equal((await chSync.state())?.failback_ready, false);
      assert.equal(await everything(dr), before);
    });
  }
});
