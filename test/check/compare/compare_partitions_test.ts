/** By how many hashes partitions are compared: on two real sites. */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("one hash tells that partitions are equal, two tell what differs and what is merged", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    telemetryTable("d.t"),
    telemetryTable("d.m", "ReplacingMergeTree"),
  );

  /** The report's reasons, and by table what was asked of the active site, with whether the answer had a second sum. */
  async function check() {
    const asked: string[] = [];
    const wrap = (ports: CheckPorts): CheckPorts => {
      const { there } = ports;
      const digests = there.digests.bind(there);
      there.digests = async (request) => {
        const answer = await digests(request);
        const second = answer.some(({ digest }) => digest.xxh !== 0n);
        asked.push(`${request.pair.name} ${request.grain ?? "bucket"} ${second ? "by both" : "by one"}`);
        return answer;
      };
      return ports;
    };
    const report = await checkSites(sites, { wrap, settings: { maxConflictPercent: 100 } });
    return { reasons: reasonsOf(report), asked: asked.sort() };
  }

  for (const table of ["d.t", "d.m"]) {
    for (const site of [primary, dr]) await load(site, table, "2026-01-01", 100);
  }
  assert.deepEqual(await check(), { reasons: {}, asked: ["d.m partition by both", "d.t alike by one"] });

  // As many rows at both sites, and one of them is another one at each.
  await load(primary, "d.t", "2026-01-02", 100, "number != 7");
  await load(dr, "d.t", "2026-01-02", 100, "number != 50");
  const { reasons, asked } = await check();
  assert.deepEqual(reasons, { "d.t 20260102": "partial, repaired" });
  assert.deepEqual(asked, ["d.m partition by both", "d.t alike by one", "d.t bucket by both"]);
  assert.deepEqual((await check()).reasons, { "d.t 20260102": "surplus" });
  await load(primary, "d.t", "2026-01-02", 100, "number = 7");
  assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
});
