/**
 * Generated clusters, of which something dies in mid-repair: in the end the passive site holds what both sites held, each row as
 * often as it should be, at every replica. `CH_SYNC_CLUSTERS` asks for more of them, and for three shards (`deno task clusters`).
 */
import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { PATIENCE } from "../../../src/clickhouse/http/statement_watch.ts";
import type { CheckReport, Finding } from "../../../src/model/report.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { isClean, isSettled } from "../../../src/verdict/clean.ts";
import {
  type ClusterHistory,
  clusterHistory,
  type ClusterSide,
  type Death,
  DEATHS,
  type PlacedRow,
  times,
} from "../../support/data/histories/cluster_histories.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { beforeRepair, checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import {
  CLUSTER,
  type ReplicatedSite,
  type ReplicatedSites,
  startReplicatedSites,
  WEIGHTED,
} from "../../support/sites/replicated_sites.ts";
import type { Site } from "../../support/sites/two_sites.ts";

const WANTED = Deno.env.get("CH_SYNC_CLUSTERS");
const SHARDS = WANTED === undefined ? 2 : 3;
/** What dies, and in how many histories: a Keeper that is gone takes minutes each time. */
const RUNS: readonly (readonly [Death, number])[] = WANTED === undefined
  ? (["ch-sync", "replica", "passive shard", "active shard", "active site"] as const).map((
    death,
  ) => [death, 1])
  : DEATHS.map((death) => {
    const some = Math.ceil(Number(WANTED) / DEATHS.length);
    return [death, death === "passive Keeper" ? Math.min(3, some) : some];
  });

/** So long is a Keeper gone, after which servers look for it once a minute. Milliseconds. */
const KEEPER_GONE_MS = 60_000;

/** Milliseconds within which checks make the site whole, on a busy machine: what a dead check left is found to be abandoned. */
const WITHIN_MS = 120_000;

/** Of a check in which a server dies. Milliseconds. */
const patience = { ...PATIENCE, look: 200, silent: 3000 };

/** Adds the staged parts of a shard to its table. */
const ATTACH = /^ALTER TABLE .* (ATTACH PARTITION|MOVE PARTITION) ID/s;

type Shards = readonly (readonly Site[])[];

function shardsOf(site: ReplicatedSite, { shards, replicas }: ClusterSide): Shards {
  return shards.map((at) => site.shards[at]!.slice(0, replicas));
}

/** What names the shards of both sites; the passive ones by these URLs. */
function settingsOf(active: Shards, passive: Shards, urlOf: (site: Site) => string): Partial<Settings> {
  const address = (site: Site, url = site.url) =>
    ({ url, native: { host: site.host, port: site.tcpPort, secure: false } }) as const;
  const [there, here] = [
    active.map((shard) => shard.map((site) => address(site))),
    passive.map((shard) => shard.map((site) => address(site, urlOf(site)))),
  ];
  const [[first]] = passive as [[Site]];
  return {
    excludePatterns: ["system.*", `cluster.${CLUSTER}`, `cluster.${WEIGHTED}`],
    maxConflictPercent: 100,
    remote: active[0]![0]!.reader,
    remoteNative: there[0]![0]!.native,
    local: { ...first.writer, url: urlOf(first) },
    shards: there.length > 1 ? there : [],
    localShards: here.length > 1 ? here : [],
    replicas: {
      local: here.length > 1 || here[0]!.length === 1 ? [] : here[0]!.map(({ url }) => url),
      remote: there.length > 1 || there[0]!.length === 1 ? [] : there[0]!,
    },
  };
}

async function create(shards: Shards, side: ClusterSide, table: string): Promise<void> {
  const engine = side.replicated
    ? "ReplicatedMergeTree('/tables/{shard}/{database}/{table}', '{replica}')"
    : "MergeTree";
  // One after the other: replicas that are made at the same time wait for each other.
  for (const site of shards.flat()) {
    await site.query(
      `CREATE TABLE ${table} (ts DateTime, id UInt64, v String) ENGINE = ${engine} PARTITION BY toYYYYMMDD(ts) ORDER BY id`,
    );
  }
}

async function insert(
  [first]: readonly Site[],
  table: string,
  rows: readonly PlacedRow[],
  of: (row: PlacedRow) => number,
) {
  const values = rows.flatMap((row) =>
    Array.from({ length: of(row) }, () => `('2026-01-0${row.day} 00:00:00', ${row.id}, 'row ${row.id}')`)
  );
  if (values.length > 0) await first!.query(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
}

async function synced(shards: Shards, side: ClusterSide, table: string): Promise<void> {
  if (side.replicas === 1) return;
  await Promise.all(shards.flat().map((site) => site.query(`SYSTEM SYNC REPLICA ${table}`)));
}

/** How often each row is on these servers together, by its id. */
async function held(sites: readonly Site[], table: string): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (const site of sites) {
    const rows = await site.rows<{ id: string; n: string }>(
      `SELECT id, count() AS n FROM ${table} GROUP BY id`,
    );
    for (const { id, n } of rows) found.set(Number(id), (found.get(Number(id)) ?? 0) + Number(n));
  }
  return found;
}

function said(report: CheckReport): string {
  return [report.error ?? "", ...findingsOf(report).map(({ reason, detail }) => `${reason}: ${detail}`)].join(
    "\n",
  );
}

/** Of a day of which shards seem to hold copies of each other: it is left alone. */
function isOfCopies({ detail }: Finding): boolean {
  return /Copies would count twice/.test(detail);
}

function copies(report: CheckReport): Set<string> {
  return new Set(findingsOf(report).filter(isOfCopies).map(({ partitionId }) => partitionId ?? ""));
}

Deno.test("whatever the clusters are, and whatever dies: the passive site holds each row as often in the end", async (t) => {
  await using sites = await startReplicatedSites({ shards: SHARDS, weights: [3, 1, 2] });
  for (const site of [sites.primary, sites.dr]) await site.everywhere("CREATE DATABASE shop");
  let number = 0;
  for (const [death, numRuns] of RUNS) {
    await t.step(`${death} dies`, async () => {
      const least = death === "passive Keeper" || death === "ch-sync" && WANTED === undefined ? 2 : 1;
      await fc.assert(
        fc.asyncProperty(clusterHistory(SHARDS, least), async (history) => {
          // Between the attaches of two shards.
          const between = death === "passive Keeper" ? { attach: 1, moment: "answered" as const } : {};
          await live(sites, `shop.t${number++}`, { ...history, ...between }, death);
        }),
        { numRuns, endOnFailure: true },
      );
    });
  }
});

async function live(
  sites: ReplicatedSites,
  table: string,
  history: ClusterHistory,
  death: Death,
): Promise<void> {
  const { active, passive, key, weighted, rows } = history;
  const [there, here] = [shardsOf(sites.primary, active), shardsOf(sites.dr, passive)];
  await create(there, active, table);
  await create(here, passive, table);
  if (key !== null) {
    const [database, name] = table.split(".");
    const cluster = weighted ? WEIGHTED : CLUSTER;
    const distributed = `ENGINE = Distributed(${cluster}, ${database}, ${name}, ${key})`;
    for (const site of here.flat()) await site.query(`CREATE TABLE ${table}_all AS ${table} ${distributed}`);
  }
  for (const [at, shard] of there.entries()) await insert(shard, table, rows, ({ there }) => there[at]!);
  for (const [at, shard] of here.entries()) await insert(shard, table, rows, ({ here }) => here[at]!);
  await synced(there, active, table);
  await synced(here, passive, table);

  const alone = await dies(sites, table, { there, here }, history, death);
  const deadline = performance.now() + WITHIN_MS;
  const options = { only: [table], settings: settingsOf(there, here, ({ url }) => url) };
  for (;;) {
    const report = await checkSites(sites.first, options);
    for (const day of copies(report)) alone.add(day);
    const open = findingsOf(report).filter((one) => !isSettled(one));
    if (isClean(report) || report.outcome === "completed" && open.length > 0 && open.every(isOfCopies)) break;
    // A day of which the active site holds nothing is no reason to be unclean, nor are rows that only this site has.
    if (rows.every((row) => times(row.there) === 0)) break;
    assert.ok(performance.now() < deadline, said(report));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await synced(here, passive, table);
  for (let replica = 0; replica < passive.replicas; replica++) {
    const now = await held(here.map((shard) => shard[replica]!), table);
    for (const row of rows) {
      const [before, most] = [times(row.here), Math.max(times(row.there), times(row.here))];
      const found = now.get(row.id) ?? 0;
      if (alone.has(`2026010${row.day}`)) {
        assert.ok(before <= found && found <= most, `row ${row.id}: ${found}`);
      } else assert.equal(found, most, `row ${row.id} at replica ${replica + 1}`);
    }
    assert.ok([...now.keys()].every((id) => rows.some((row) => row.id === id)));
  }
  for (const site of here.flat()) {
    assert.equal(await site.query("SELECT name FROM system.tables WHERE startsWith(name, '_chsync_')"), "");
  }
  for (const site of here.flat()) await site.query(`DROP TABLE IF EXISTS ${table}_all SYNC`);
  for (const site of [...there, ...here].flat()) await site.query(`DROP TABLE ${table} SYNC`);
}

/** Checks while it dies, and until it is back. Gives the days that were left alone. */
async function dies(
  sites: ReplicatedSites,
  table: string,
  { there, here }: { readonly there: Shards; readonly here: Shards },
  { attach, moment }: ClusterHistory,
  death: Death,
): Promise<Set<string>> {
  await using stack = new AsyncDisposableStack();
  const { promise: dead, resolve: die } = Promise.withResolvers<void>();
  const killed = new Set<Site>();
  const ofServer = death === "replica" || death === "passive shard";
  const atAttach = ofServer || death === "ch-sync" || death === "passive Keeper";
  let [attaches, isDead] = [0, false];
  let keeperBack = Promise.resolve();
  const points = new Map(
    here.flat().map((site) => {
      const point = stack.use(startFaultPoints(() => site.url));
      const together = death === "passive shard" ? here.find((shard) => shard.includes(site))! : [site];
      const kill = async () => {
        isDead = true;
        for (const one of together) killed.add(one);
        await Promise.all(together.map((one) => one.server.kill()));
      };
      /** Says what becomes of the statement. */
      const falls = async () => {
        isDead = true;
        if (ofServer) await kill();
        if (death === "passive Keeper") {
          sites.dr.keeper.hang();
          keeperBack = new Promise((resolve) => setTimeout(resolve, KEEPER_GONE_MS)).then(() =>
            sites.dr.keeper.resume()
          );
        }
        die();
        return ofServer ? "cut" : death === "ch-sync" ? "vanish" : "answer";
      };
      // Others are sent before this one is answered.
      let meant: number | null = null;
      point.before = async ({ sql, number }) => {
        if (isDead && death === "ch-sync") return "vanish";
        if (!ATTACH.test(sql)) return "answer";
        if (++attaches !== attach || !atAttach) return "answer";
        if (moment === "answered") {
          meant = number;
          return "answer";
        }
        if (moment === "sent" && ofServer) {
          void kill();
          return "answer";
        }
        const then = await falls();
        return moment === "sent" ? "answer" : then;
      };
      point.after = async ({ number }) => {
        if (isDead && death === "ch-sync") return "vanish";
        return number === meant ? await falls() : "answer";
      };
      return [site, point] as const;
    }),
  );
  const settings = settingsOf(there, here, (site) => points.get(site)!.url);
  const lost = death === "active site"
    ? there.flat()
    : death === "active shard"
    ? there[attach % there.length]!
    : [];
  const wrap = beforeRepair(() => Promise.all(lost.map((site) => (killed.add(site), site.server.kill()))));
  const check = checkSites(sites.first, { only: [table], settings, wrap, patience }).catch(() => null);
  // A check of a dead ch-sync never ends.
  const report = await Promise.race([check, death === "ch-sync" ? dead.then(() => null) : check]);
  await keeperBack;
  const alone = report === null ? new Set<string>() : copies(report);
  if (death === "replica" && killed.size > 0) {
    // Another replica, where there is one, is made whole as far as it can be.
    const meanwhile = await checkSites(sites.first, {
      only: [table],
      settings: settingsOf(there, here, ({ url }) => url),
    });
    for (const day of copies(meanwhile)) alone.add(day);
  }
  for (const site of killed) {
    await site.server.kill();
    await site.restart();
  }
  return alone;
}
