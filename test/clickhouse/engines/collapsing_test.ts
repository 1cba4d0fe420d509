/** Every small number of states and cancel rows at either site: what is copied makes the rest agree, or is refused. */
import assert from "node:assert/strict";
import { NO_MERGED_GAP } from "../../../src/model/merge_rule.ts";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { CATALOG, type CatalogRow, decodeTable } from "../../../src/clickhouse/catalog/catalog_statement.ts";
import {
  decodeMergedDifference,
  type MergedDifferenceRow,
  mergedDifferenceStatement,
  missingMergedRows,
} from "../../../src/clickhouse/engines/merged_statements.ts";
import { startOneSite } from "../../support/sites/one_site.ts";

type Rows = readonly [states: number, cancels: number];
type Net = (...rows: Rows) => number;

/** Rows of one content at either site. */
interface Case {
  readonly here: Rows;
  readonly there: Rows;
}

const NUMBERS = [0, 1, 2, 3];
const ROWS: readonly Rows[] = NUMBERS.flatMap((states) =>
  NUMBERS.map((cancels) => [states, cancels] as const)
);
const CASES: readonly Case[] = ROWS.flatMap((here) => ROWS.map((there) => ({ here, there })));

/** Whether some of the rows of which the active site has visibly more would do. */
function canBeRepaired({ here, there }: Case, net: Net): boolean {
  return ROWS.some((then) =>
    net(...then) === net(...there) &&
    then.every((rows, sign) => here[sign]! <= rows && rows <= Math.max(here[sign]!, there[sign]!))
  );
}

/** How many rows of one sign would be short beyond those. */
function unknown({ here, there }: Case, net: Net): number {
  for (let short = 0;; short++) {
    for (const sign of [0, 1] as const) {
      const [states, cancels] = here;
      const then: Rows = sign === 0 ? [states + short, cancels] : [states, cancels + short];
      if (net(...then) === net(...there)) {
        return short - Math.min(short, Math.max(there[sign] - here[sign], 0));
      }
    }
  }
}

const ENGINES: readonly { readonly engine: string; readonly net: Net; readonly sql: string }[] = [
  {
    engine: "CollapsingMergeTree(sign)",
    net: (states, cancels) => Math.sign(states - cancels),
    sql: "sign(sum(sign))",
  },
  {
    engine: "VersionedCollapsingMergeTree(sign, v)",
    net: (states, cancels) => states - cancels,
    sql: "sum(sign)",
  },
];

Deno.test("of rows of either sign so many are copied that what is left agrees, whatever their numbers", async (t) => {
  await using one = await startOneSite();
  const { site } = one;
  const remote = {
    address: { host: site.host, port: site.tcpPort, secure: false },
    credentials: site.endpoint,
    collection: null,
  };
  const moment = { now: 10_600, settledBefore: 10_000, settledBeforeDay: 5 };
  const scope = { axis: null, moment, quiet: true, settleSeconds: 600, ttls: [] };
  for (const [index, { engine, net, sql }] of ENGINES.entries()) {
    await t.step(engine, async () => {
      const database = `d${index}`;
      await site.query(`CREATE DATABASE ${database}`);
      for (const side of ["here", "there"] as const) {
        const table = `${database}.${side}`;
        await site.query(
          `CREATE TABLE ${table} (repairable UInt8, number UInt16, v UInt8, sign Int8) ENGINE = ${engine} ` +
            "PARTITION BY repairable ORDER BY number",
        );
        await site.query(`SYSTEM STOP MERGES ${table}`);
        const rows = CASES.flatMap((one, number) =>
          [1, -1].flatMap((sign, at) =>
            Array(one[side][at]).fill(`(${canBeRepaired(one, net)}, ${number}, 1, ${sign})`)
          )
        );
        await site.query(`INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES ${rows.join(", ")}`);
      }
      const tables = (await site.rows<CatalogRow>(CATALOG)).filter((row) => row.database === database);
      const [here, there] = ["here", "there"].map((side) =>
        decodeTable(tables.find(({ name }) => name === side)!)
      );
      const request = (partitionId: string) =>
        ({
          pair: pairTables(`${database}.here`, here!, there!),
          partitionId,
          scope,
          bucketCount: 1,
          buckets: "all",
        }) as const;
      const difference = async (partitionId: string) => {
        const statement = mergedDifferenceStatement(request(partitionId), remote);
        return decodeMergedDifference((await site.rows<MergedDifferenceRow>(statement))[0]!);
      };

      const refused = CASES.filter((one) => !canBeRepaired(one, net));
      const doubt = refused.reduce((sum, one) => sum + unknown(one, net), 0);
      assert.ok(refused.length > 10 && CASES.length - refused.length > 100, String(refused.length));
      assert.equal((await difference("0")).unknown, BigInt(doubt));

      const before = await difference("1");
      assert.ok(before.missing.rows > 0n);
      assert.equal(before.unknown, 0n);
      // What is copied accounts for the whole difference, also where it takes two rows to change one sign.
      assert.deepEqual(before.rest, NO_MERGED_GAP);
      // A profile may turn the analyzer off.
      const counted = `SELECT count() FROM (${
        missingMergedRows(request("1"), remote)
      }) SETTINGS enable_analyzer = 0`;
      assert.equal(await site.query(counted), `${before.missing.rows}\n`);
      await site.query(
        `INSERT INTO ${database}.here (repairable, number, v, sign) SETTINGS optimize_on_insert = 0 ` +
          missingMergedRows(request("1"), remote),
      );
      const nets = (side: string) =>
        site.query(
          `SELECT number, toInt64(${sql}) AS net FROM ${database}.${side} WHERE repairable GROUP BY number HAVING net != 0 ` +
            "ORDER BY number",
        );
      assert.equal(await nets("here"), await nets("there"));
      const after = await difference("1");
      assert.deepEqual([after.missing.rows, after.unknown], [0n, 0n]);
    });
  }
});
