/** Repairs of rows that are missing at random, over shards, against those of single servers with the same rows. */
import type { Settings } from "../../src/model/settings.ts";
import { checkSites, reasonsOf } from "../../test/support/sites/check_sites.ts";
import { startSlowLink } from "../../test/support/links/slow_link.ts";
import type { ReplicatedSites } from "../../test/support/sites/replicated_sites.ts";
import type { Site } from "../../test/support/sites/two_sites.ts";
import { CASES, DAYS, EVERYWHERE, takeWork, type Work } from "./clusters.ts";
import { compare, megabytes, type Result, seconds } from "./measuring.ts";

/** Of `EVERYWHERE` this site has shards of replicas too. */
const REPAIRED = [...CASES, EVERYWHERE] as const;
type Repaired = typeof REPAIRED[number];

const NAMES: Record<Exclude<Repaired, "one">, string> = {
  two: "1 % missing at random, from 2 shards",
  four: "the same, from 2 shards of 2 replicas",
  both: "the same, from 2 shards of 2 replicas to such",
};

/** The whole check that finds and repairs it, and the bytes of the native protocol between the sites. */
export async function measureShardRepairs(sites: ReplicatedSites, runs: number): Promise<Result[]> {
  const [[a1, a2], [b1, b2]] = sites.primary.shards as [[Site, Site], [Site, Site]];
  await using links = new AsyncDisposableStack();
  const linked = new Map(
    [a1, a2, b1, b2].map((site) => [site, links.use(startSlowLink(site.tcpPort))] as const),
  );
  const address = (site: Site) => {
    const { host, url, tcpPort } = site;
    return { url, native: { host, port: linked.get(site)?.port ?? tcpPort, secure: false } };
  };
  const addresses = (shards: readonly (readonly Site[])[]) => shards.map((shard) => shard.map(address));
  const settings: Record<Repaired, Partial<Settings>> = {
    one: { remoteNative: address(a1).native },
    two: { shards: addresses([[a1], [b1]]) },
    four: { shards: addresses([[a1, a2], [b1, b2]]) },
    both: { shards: addresses([[a1, a2], [b1, b2]]), localShards: addresses(sites.dr.shards) },
  };
  const servers = [...sites.primary.replicas, ...sites.dr.replicas];
  const measure = async (name: Repaired, run: number) => {
    const table = `${name}.t`;
    const holders = name === EVERYWHERE ? sites.dr.shards.map(([first]) => first!) : [sites.first.dr];
    // Other rows in each run: a Replicated table passes over parts that it was given once.
    for (const site of holders) {
      await site.query(
        `ALTER TABLE ${table} DELETE WHERE cityHash64(ts) % 100 = ${run} SETTINGS mutations_sync = 2`,
      );
    }
    const passed = () => [...linked.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    await takeWork(servers);
    const before = passed();
    const time = await seconds(async () => {
      const report = await checkSites(sites.first, { only: [table], settings: settings[name] });
      const found = Object.values(reasonsOf(report)).join();
      if (found !== DAYS.map(() => "partial, repaired").join()) {
        throw new Error(`The repair of ${table} went wrong: ${found}, ${report.error}`);
      }
    });
    return { time, bytes: passed() - before, ...await takeWork(servers) };
  };
  type Measured = Work & { readonly time: number; readonly bytes: number };
  const measured: Record<Repaired, Measured>[] = [];
  for (let run = 0; run <= runs; run++) {
    const one = await measure("one", run);
    const two = await measure("two", run);
    const four = await measure("four", run);
    const both = await measure("both", run);
    if (run > 0) measured.push({ one, two, four, both }); // the first one warms the sites up
  }
  const pairs = (name: Repaired, of: keyof Measured) =>
    measured.map(({ one, [name]: it }) => ({ theirs: one[of], ours: it[of] }));
  return (Object.keys(NAMES) as Exclude<Repaired, "one">[]).flatMap((name) => [
    compare(NAMES[name], "single servers", pairs(name, "time"), 1.5),
    compare(
      `${NAMES[name]}: bytes between the sites`,
      "single servers",
      pairs(name, "bytes"),
      NaN,
      megabytes,
    ),
    compare(`${NAMES[name]}: CPU seconds of all servers`, "single servers", pairs(name, "cores"), NaN),
    compare(`${NAMES[name]}: statements`, "single servers", pairs(name, "statements"), NaN, String),
  ]);
}
