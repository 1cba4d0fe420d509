/** One site is upgraded between two checks, then the other: its data directory stays, and so does the memory of the checks. */
import assert from "node:assert/strict";
import { isBefore } from "../../src/clickhouse/dialect/versions.ts";
import type { HashAgreements } from "../../src/check/tables/agree_on_hashes.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { type Site, startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { areApart, enginesOfThisRun, type OldEngine } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";

/** Before 25.5 those with NULL are hashed in another form than since. */
const TYPES: Readonly<Record<string, string>> = {
  plain: "UInt64",
  nullable: "Nullable(String)",
  words: "Array(LowCardinality(Nullable(String)))",
  states: "AggregateFunction(uniq, UInt64)",
};

const ROWS: Readonly<Record<string, string>> = {
  plain: "number",
  nullable: "if(number % 3 = 0, NULL, toString(number))",
  words: "[if(number % 2, NULL, 'w'), toString(number % 5)]",
  states: "initializeAggregation('uniqState', number)",
};

const insert = (name: string, from: number, to: number) =>
  `INSERT INTO d.${name} SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number * 3600, ${ROWS[name]} ` +
  `FROM numbers(${from}, ${to - from})`;

/** Starts what \`now\` says, on the same data. */
function upgradable(first: OldEngine) {
  let now = first;
  return {
    engine: (...options: Parameters<ReturnType<typeof frontOf>>) => frontOf(now)(...options),
    async upgrade(site: Site, to: OldEngine) {
      await site.server.stop();
      now = to;
      await site.restart();
    },
  };
}

async function versionOf(site: Site): Promise<string> {
  return (await site.query("SELECT version()")).trim().split(".").slice(0, 2).join(".");
}

/** The front of an engine without that table makes up the hashes of parts: an upgrade then seems to have written each anew. */
async function tellsOfParts(site: Site): Promise<boolean> {
  const sql = "SELECT count() FROM system.tables WHERE database = 'system' AND name = 'parts'";
  return (await site.query(sql)).trim() === "1";
}

/** In which form both sites hash a column with NULL: since 25.5 a NULL has a hash of its own. */
async function formOfNull({ primary, dr }: TwoSites): Promise<"value" | "null_apart"> {
  const versions = await Promise.all([primary, dr].map(versionOf));
  return versions.some((version) => isBefore(version, "25.5")) ? "null_apart" : "value";
}

const { works } = await enginesOfThisRun();

/** Nobody goes from one to the other of a pair that is refused: there is one between them. */
const steps = works.filter((engine, at) => at === 0 || !areApart(works[at - 1]!, engine));

const whole = Deno.env.get("CH_SYNC_VERSIONS") !== undefined;

if (steps.length > 1) {
  Deno.test(`sites are upgraded in turn: ${steps.map(({ version }) => version).join(", ")}`, async (t) => {
    await using directory = await temporaryDirectory();
    const [first, ...later] = steps as [OldEngine, ...OldEngine[]];
    const [here, there] = [upgradable(first), upgradable(first)];
    await using sites = await startTwoSites({
      dr: { engine: here.engine },
      primary: { engine: there.engine },
    });
    const { primary, dr } = sites;
    for (const site of [primary, dr]) {
      await site.query("CREATE DATABASE d");
      for (const [name, type] of Object.entries(TYPES)) {
        await site.query(
          `CREATE TABLE d.${name} (ts DateTime('UTC'), v ${type}) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (ts)`,
        );
        await site.query(insert(name, 0, 60));
      }
    }
    const agreements: HashAgreements = new Map();
    const check = (deep = false) => checkSites(sites, { memory: directory.path, agreements, deep });
    await check(true);

    let hours = 60;
    let before = await formOfNull(sites);
    for (const to of later) {
      const turns = [[dr, here], [primary, there]] as const;
      for (const [site, way] of whole ? turns : turns.slice(0, 1)) {
        await t.step(`the ${site === dr ? "passive" : "active"} site becomes ${to.version}`, async () => {
          const same = await tellsOfParts(site);
          await way.upgrade(site, to);
          assert.equal(await versionOf(site), to.version);
          const quiet = await check();
          assert.equal(quiet.error, null);
          assert.deepEqual(findingsOf(quiet).filter(({ cause }) => cause !== "no_common_hash"), []);
          const unlike = new Set(findingsOf(quiet).map(({ table }) => table));
          assert.ok(!unlike.has("d.plain") && !unlike.has("d.nullable"), [...unlike].join());
          // Equal rows stay equal: what is hashed in the same form as before is not read again, and what is not, is.
          const form = await formOfNull(sites);
          for (const [name, kept] of [["plain", same], ["nullable", same && form === before]] as const) {
            const { proven, partitions } = quiet.tables.find(({ table }) => table === `d.${name}`)!;
            assert.equal(proven, kept ? partitions : 0, name);
          }
          before = form;
          // What this site misses since then is found, of a day that it has and of one that it has not, and nothing else.
          for (const name of Object.keys(TYPES)) await primary.query(insert(name, hours, hours + 48));
          const repaired = await check();
          const compared = Object.keys(TYPES).filter((name) => !unlike.has(`d.${name}`));
          const reasons = Object.entries(reasonsOf(repaired)).filter(([name]) => !unlike.has(name));
          assert.deepEqual(
            [...new Set(reasons.map(([name]) => name.split(" ")[0]))].sort(),
            compared.map((name) => `d.${name}`).sort(),
          );
          assert.deepEqual([...new Set(reasons.map(([, reason]) => reason))].sort(), [
            "missing, repaired",
            "partial, repaired",
          ]);
          for (const name of compared) {
            const rows = "SELECT count(), uniqExact(ts) FROM d." + name;
            assert.equal(await dr.query(rows), await primary.query(rows), name);
          }
          assert.deepEqual(Object.keys(reasonsOf(await check(true))).filter((name) => !unlike.has(name)), []);
          hours += 48;
        });
      }
    }
  });
}
