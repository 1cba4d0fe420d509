/** ch-sync, and its replica, that die between two statements of a repair of a Replicated table: no row twice, none is left out. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { content, load, telemetryTable } from "../../support/data/telemetry.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { type ReplicatedSites, startReplicatedSites } from "../../support/sites/replicated_sites.ts";
import { reachedAt, type Site } from "../../support/sites/two_sites.ts";

const DAY = "2026-01-01";
const ENGINE = "ReplicatedMergeTree('/tables/{database}/{table}', '{replica}')";

/** The statements of a repair, by how the first of each kind begins. */
const STATEMENTS: Readonly<Record<string, RegExp>> = {
  stage: /^CREATE TABLE (?!.*claimed)/s,
  fill: /^INSERT INTO/,
  mark: /^ALTER TABLE .* MODIFY COMMENT/,
  claim: /^CREATE TABLE .*claimed/s,
  attach: /^ALTER TABLE .* ATTACH PARTITION/,
  drop: /^DROP TABLE/,
};

/** `unsent`: it dies as it sends the statement, which is lost with it; `sent`: the statement arrives; `answered`: it is done. */
type Moment = "unsent" | "sent" | "answered";

/** `deno task kills`: at every one, in every way. */
const ALL = Deno.env.get("CH_SYNC_KILLS") !== undefined;
const SOME: Readonly<Record<string, readonly Moment[]>> = {
  claim: ["sent"],
  attach: ["sent"],
};
const momentsOf = (name: string): readonly Moment[] =>
  ALL ? ["unsent", "sent", "answered"] : SOME[name] ?? [];
/** Where the server dies, which takes long. */
const REPLICAS: { readonly statements: readonly string[]; readonly moments: readonly Moment[] } = ALL
  ? { statements: Object.keys(STATEMENTS), moments: ["unsent", "sent", "answered"] }
  : { statements: ["attach"], moments: ["sent"] };

async function replicated({ primary, dr }: ReplicatedSites, table: string): Promise<void> {
  for (const site of [primary, dr]) await site.everywhere(telemetryTable(table, ENGINE));
  await load(primary.replicas[0]!, table, DAY, 1000);
  await load(dr.replicas[0]!, table, DAY, 1000, "number < 700");
  for (const site of [primary, dr]) await site.everywhere(`SYSTEM SYNC REPLICA ${table}`);
}

/** A check at the first replica, of which nothing is heard any more from that moment on. */
async function dies(
  sites: ReplicatedSites,
  table: string,
  installation: string,
  statement: RegExp,
  moment: Moment,
  damage: () => Promise<void> = () => Promise.resolve(),
): Promise<AsyncDisposable> {
  const { primary, dr } = sites.first;
  const points = startFaultPoints(() => dr.server.url);
  const { promise: dead, resolve: die } = Promise.withResolvers<void>();
  let isDead = false;
  const at = (when: Moment) => async ({ sql }: { sql: string }) => {
    if (isDead) return "vanish";
    if (when === "unsent" ? moment === "answered" : moment !== "answered") return "answer";
    if (!statement.test(sql)) return "answer";
    isDead = true;
    await damage();
    die();
    return moment === "sent" ? "answer" : "vanish";
  };
  points.before = at("unsent");
  points.after = async (of) => isDead ? "vanish" : await at("answered")(of);
  const through = { primary, dr: reachedAt(dr, points.url), [Symbol.asyncDispose]: () => Promise.resolve() };
  const check = checkSites(through, { only: [table], installation }).then(() => "ended", () => "ended");
  assert.equal(await Promise.race([dead.then(() => "dead"), check]), "dead", String(statement));
  return points;
}

/** Checks at this replica until one is clean. */
async function untilClean(sites: ReplicatedSites, replica: number, table: string, installation: string) {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const report = await checkSites(sites.pair(0, replica), { only: [table], installation });
    if (isClean(report)) return;
    assert.ok(performance.now() < deadline, report.error ?? findingsOf(report)[0]?.detail ?? "");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function assertWhole({ primary, dr }: ReplicatedSites, table: string): Promise<void> {
  for (const replica of dr.replicas) {
    await replica.query(`SYSTEM SYNC REPLICA ${table}`);
    assert.equal(await content(replica, table), await content(primary.replicas[0]!, table));
    assert.equal(await replica.query("SELECT name FROM system.tables WHERE name LIKE '\\_chsync%'"), "");
  }
}

Deno.test("a repair of a Replicated table that dies between two statements", async (t) => {
  await using sites = await startReplicatedSites();
  const { primary, dr } = sites;
  const [here] = dr.replicas as [Site];
  for (const site of [primary, dr]) await site.everywhere("CREATE DATABASE shop");

  for (const [name, statement] of Object.entries(STATEMENTS)) {
    for (const moment of momentsOf(name)) {
      await t.step(`ch-sync dies at the ${name}, ${moment}`, async () => {
        const table = `shop.${name}_${moment}`;
        await replicated(sites, table);
        await using _points = await dies(sites, table, "aaaaaaaa", statement, moment);
        await untilClean(sites, 0, table, "aaaaaaaa");
        await assertWhole(sites, table);
      });
    }
  }

  await t.step("ch-sync dies as it attaches, and another one is at the other replica at once", async () => {
    const table = "shop.other";
    await replicated(sites, table);
    await using _points = await dies(sites, table, "aaaaaaaa", STATEMENTS["attach"]!, "sent");
    await checkSites(sites.pair(0, 1), { only: [table], installation: "bbbbbbbb" });
    await untilClean(sites, 0, table, "aaaaaaaa");
    await untilClean(sites, 1, table, "bbbbbbbb");
    await assertWhole(sites, table);
  });

  for (const name of REPLICAS.statements) {
    for (const moment of REPLICAS.moments) {
      await t.step(`the replica dies at the ${name}, ${moment}`, async () => {
        const table = `shop.replica_${name}_${moment}`;
        await replicated(sites, table);
        const kill = () => moment === "sent" ? Promise.resolve(void here.server.kill()) : here.server.kill();
        await using _points = await dies(sites, table, "aaaaaaaa", STATEMENTS[name]!, moment, kill);
        const other = { only: [table], installation: "bbbbbbbb" };
        // What only the dead one holds, the other one waits for; it says so without a stack trace.
        const report = await checkSites(sites.pair(0, 1), other);
        const said = findingsOf(report).map(({ detail }) => detail).join("; ");
        assert.ok(!/Stack trace|\n/.test(said), said);
        if (isClean(await checkSites(sites.pair(0, 1), other))) {
          assert.equal(await content(dr.replicas[1]!, table), await content(primary.replicas[0]!, table));
        }
        await here.server.kill();
        await here.restart();
        // Its own claim, which is back with it, ends with a check there.
        await untilClean(sites, 0, table, "aaaaaaaa");
        await untilClean(sites, 1, table, "bbbbbbbb");
        await assertWhole(sites, table);
      });
    }
  }
});
