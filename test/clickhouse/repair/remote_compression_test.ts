/** What crosses the link between two real sites. */
import assert from "node:assert/strict";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startSlowLink } from "../../support/links/slow_link.ts";
import { load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("REMOTE_COMPRESSION decides how much crosses the link, and nothing else", async () => {
  await using sites = await startTwoSites();
  await onBoth(sites, "CREATE DATABASE d");
  await using link = startSlowLink(sites.primary.tcpPort);
  const remoteNative = { host: "127.0.0.1", port: link.port, secure: false };
  const bytes: number[] = [];
  for (const remoteCompression of ["none", "lz4", "zstd"] as const) {
    const table = `d.${remoteCompression}`;
    await onBoth(sites, telemetryTable(table));
    await load(sites.primary, table, "2026-01-01", 50_000);
    const before = link.bytes;
    const report = await checkSites(sites, { only: [table], settings: { remoteNative, remoteCompression } });
    assert.deepEqual(reasonsOf(report), { [`${table} 20260101`]: "missing, repaired" });
    bytes.push(link.bytes - before);
  }
  const [none = 0, lz4 = 0, zstd = 0] = bytes;
  assert.ok(none > lz4 * 1.5 && lz4 > zstd * 1.1, `${none} bytes, by lz4 ${lz4}, by zstd ${zstd}`);
});
