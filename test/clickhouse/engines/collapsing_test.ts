/** Every small number of states and cancel rows on either side: what is copied makes the rest agree, or is refused. */
import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { CATALOG, type CatalogRow, decodeTable } from "../../../src/clickhouse/catalog/catalog_statement.ts";
import {
  decodeMergedDifference,
  type MergedDifferenceRow,
  mergedDifferenceStatement,
  missingMergedRows,
} from "../../../src/clickhouse/engines/merged_difference.ts";
import { startOneSite } from "../../support/sites/one_site.ts";

/** Rows of either sign at either site; each case is a partition of its own. */
interface Case {
  readonly here: readonly [states: number, cancels: number];
  readonly there: readonly [states: number, cancels: number];
}

const NUMBERS = [0, 1, 2];
const CASES: readonly Case[] = NUMBERS.flatMap((a) =>
  NUMBERS.flatMap((b) =>
    NUMBERS.flatMap((c) => NUMBERS.map((d) => ({ here: [a, b], there: [c, d] }) as const))
  )
);

/** Whether some of the rows that the active site visibly has more of would do. */
function canBeRepaired({ here, there }: Case, net: (states: number, cancels: number) => number): boolean {
  const [states, cancels] = [0, 1].map((sign) =>
    Array.from({ length: Math.max(there[sign]! - here[sign]!, 0) + 1 }, (_, more) => here[sign]! + more)
  ) as [number[], number[]];
  return states.some((states) => cancels.some((cancels) => net(states, cancels) === net(...there)));
}

for (
  const { engine, net, sql } of [
    {
      engine: "CollapsingMergeTree(sign)",
      net: (states: number, cancels: number) => Math.sign(states - cancels),
      sql: "sign(sum(sign))",
    },
    {
      engine: "VersionedCollapsingMergeTree(sign, v)",
      net: (states: number, cancels: number) => states - cancels,
      sql: "sum(sign)",
    },
  ]
) {
  Deno.test(`${engine}: of any number of rows of either sign so many are copied that what is left agrees`, async () => {
    await using one = await startOneSite();
    const { site } = one;
    await site.query("CREATE DATABASE d");
    for (const side of ["here", "there"] as const) {
      await site.query(
        `CREATE TABLE d.${side} (number UInt16, v UInt8, sign Int8) ENGINE = ${engine} PARTITION BY number ORDER BY number`,
      );
      await site.query(`SYSTEM STOP MERGES d.${side}`);
      const rows = CASES.flatMap((one, number) =>
        [1, -1].flatMap((sign, at) => Array(one[side][at]).fill(`(${number}, 1, ${sign})`))
      );
      await site.query(
        `INSERT INTO d.${side} SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0 VALUES ${rows}`,
      );
    }
    const tables = await site.rows<CatalogRow>(CATALOG);
    const [here, there] = ["here", "there"].map((side) =>
      decodeTable(tables.find(({ database, name }) => database === "d" && name === side)!)
    );
    const pair = pairTables("d.here", here!, there!);
    const remote = {
      address: { host: site.host, port: site.tcpPort, secure: false },
      credentials: site.endpoint,
      collection: null,
    };
    const moment = { now: 10_600, settledBefore: 10_000, settledBeforeDay: 5 };
    const scope = { axis: null, moment, quiet: true, settleSeconds: 600, ttls: [] };
    const nets = async (side: string) =>
      new Map(
        (await site.rows<{ number: number; net: string }>(
          `SELECT number, ${sql} AS net FROM d.${side} GROUP BY number`,
        )).map(({ number, net }) => [number, Number(net)]),
      );

    const refused = new Set<number>();
    for (const [number, one] of CASES.entries()) {
      const request = { pair, partitionId: String(number), scope, bucketCount: 1, buckets: "all" } as const;
      const difference = async () => {
        const [row] = await site.rows<MergedDifferenceRow>(mergedDifferenceStatement(request, remote));
        return decodeMergedDifference(row!);
      };
      const { missing, unknown } = await difference();
      assert.equal(unknown === 0n, canBeRepaired(one, net), JSON.stringify(one));
      if (unknown > 0n) refused.add(number);
      if (unknown > 0n || missing.rows === 0n) continue;
      await site.query(
        `INSERT INTO d.here (number, v, sign) SETTINGS optimize_on_insert = 0 ${
          missingMergedRows(request, remote)
        }`,
      );
      assert.equal((await difference()).missing.rows, 0n, JSON.stringify(one));
    }
    const [after, active] = [await nets("here"), await nets("there")];
    for (const [number, one] of CASES.entries()) {
      if (refused.has(number)) continue;
      assert.equal(after.get(number) ?? 0, active.get(number) ?? 0, JSON.stringify(one));
    }
    assert.ok(refused.size > 0 && refused.size < CASES.length / 2, String(refused.size));
  });
}
