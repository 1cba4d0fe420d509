/** What is asked of clusters, by servers that are asked as those of 23.8 to 24.2 are: without the analyzer. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, loadSpread } from "../../support/data/telemetry.ts";
import { startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import { reachedAt, type Site } from "../../support/sites/two_sites.ts";
import { type AsOlder, startAsOlder, UNKNOWN_TO_23_8 } from "../../support/versions/as_older.ts";

const DAY = "2026-01-01";

/** What a word of stands in each statement about clusters: keeper, replication with queues, damaged parts, clusters, holdings. */
const ASKED = ["log_max_index", "distribution_queue", "of_partition", "host_address", "clusterAllReplicas("];

Deno.test("replicas, queues and other servers of a site are asked without the analyzer", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  await using open = new AsyncDisposableStack();
  const older = (site: Site) => open.use(startAsOlder(site.url, "23.8.16.1", UNKNOWN_TO_23_8));
  const all = [...primary.replicas, ...dr.replicas].map(older) as [AsOlder, AsOlder, AsOlder, AsOlder];
  const [there, otherThere, here, otherHere] = all;
  const asOlder = {
    ...sites.first,
    primary: reachedAt(sites.first.primary, there.url),
    dr: reachedAt(sites.first.dr, here.url),
  };
  await loadSpread(sites, DAY);

  await t.step("nothing special: clean", async () => {
    const report = await checkSites(asOlder);
    assert.deepEqual([report.error, reasonsOf(report), report.warnings], [null, {}, []]);
    assert.ok(isClean(report));
  });

  await t.step("rows in a queue of a server that is not read", async () => {
    const other = primary.replicas[1]!;
    await other.query("SYSTEM STOP DISTRIBUTED SENDS shop.all");
    await load(other, "shop.all", DAY, 1000, "number >= 700 SETTINGS prefer_localhost_replica = 0");
    const [found] = findingsOf(await checkSites(asOlder));
    assert.equal(found?.cause, "rows_queued");
    assert.match(found.detail, new RegExp(`at server 127.0.0.1:${other.tcpPort} of the active site`));
    await other.query("SYSTEM START DISTRIBUTED SENDS shop.all");
    await other.query("SYSTEM FLUSH DISTRIBUTED shop.all");
    await primary.everywhere("SYSTEM SYNC REPLICA shop.t");
  });

  await t.step("a replica that lags, and one that can be read in its place", async () => {
    const [behind, ahead] = primary.replicas as [Site, Site];
    await behind.query("SYSTEM STOP FETCHES shop.t");
    await load(ahead, "shop.t", "2026-01-02", 100);
    assert.deepEqual(reasonsOf(await checkSites(asOlder)), { "shop.t": "lagging" });
    const address = (site: Site, { url }: AsOlder) => ({
      url,
      native: { host: site.host, port: site.tcpPort, secure: false },
    });
    const replicas = {
      local: [here.url, otherHere.url],
      remote: [address(behind, there), address(ahead, otherThere)],
    };
    const report = await checkSites(asOlder, { settings: { replicas } });
    assert.deepEqual(reasonsOf(report), {
      "shop.t 20260101": "partial, repaired",
      "shop.t 20260102": "missing, repaired",
    });
    for (const replica of dr.replicas) {
      await replica.query("SYSTEM SYNC REPLICA shop.t");
      assert.equal(await content(replica, "shop.t"), await content(ahead, "shop.t"));
    }
    await behind.query("SYSTEM START FETCHES shop.t");
    await behind.query("SYSTEM SYNC REPLICA shop.t");
  });

  await t.step("a damaged part that no other replica sends", async () => {
    const read = primary.replicas[0]!;
    await read.query("ALTER TABLE shop.t DETACH PARTITION ID '20260101'");
    const [{ path }] = await read.rows<{ path: string }>("SELECT path FROM system.detached_parts") as [
      { path: string },
    ];
    await Deno.rename(path, path.replace(/\/([^/]+)\/?$/, "/broken_$1"));
    const found = findingsOf(await checkSites(asOlder)).find(({ cause }) => cause === "parts_lost");
    assert.match(found?.detail ?? "", /damaged part.*broken_20260101_/);
  });

  await t.step("each of these statements passed, and none with the analyzer", () => {
    const passed = all.flatMap(({ passed }) => passed);
    for (const word of ASKED) assert.ok(passed.some(({ statement }) => statement.includes(word)), word);
    const sent = passed.filter(({ settings }) => settings.has("flatten_nested"));
    assert.ok(sent.length > 100);
    assert.ok(sent.every(({ settings }) => settings.get("allow_experimental_analyzer") === "0"));
    assert.ok(sent.every(({ statement }) => !/allow_experimental_analyzer = 1/.test(statement)));
  });
});
