/** From what a check found of a table to some of its rows, side by side. Reads rows at both sites, writes nothing. */
import type { Sample, SampledRow, SampleSide } from "../../model/sample.ts";
import type { JudgedPartition } from "../judge/judged_partition.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { TablePair } from "../../model/table.ts";
import { ignoredColumns } from "../tables/ignored_columns.ts";
import { chooseBuckets } from "./choose_buckets.ts";

/** Rows of each side that are shown. */
const MOST = 20;

/**
 * @param judged the partitions of the table, in the order in which they are looked at
 * @param now unix seconds: what has expired by then is not shown of partitions that only this site holds
 */
export async function sampleTable(
  { here, signal }: Pick<CheckPorts, "here" | "signal">,
  pair: TablePair,
  judged: readonly JudgedPartition[],
  now: number,
): Promise<Sample> {
  const shown = new Set<string>();
  const of = async (side: SampleSide) => {
    const rows: SampledRow[] = [];
    for (const one of judged) {
      if (rows.length >= MOST || signal.aborted) break;
      const most = MOST - rows.length;
      const place = chooseBuckets(one, side, most + shown.size) ??
        (side === "surplus" ? onlyHere(one, pair, now) : null);
      if (place === null) continue;
      for (
        const { hash, twinHash, ...row } of await here.sampleRows({ pair, side, place, most, without: shown })
      ) {
        rows.push(row);
        shown.add(hash);
        if (twinHash !== null) shown.add(twinHash);
      }
    }
    return rows;
  };
  const missing = await of("missing");
  const surplus = await of("surplus");
  const ignored = ignoredColumns(pair);
  const merges = judged.some(({ compared }) => compared?.method === "merging" && compared.facts.merged);
  return {
    table: pair.name,
    columns: pair.here.columns.filter(({ defaultKind }) =>
      defaultKind !== "ALIAS" && defaultKind !== "EPHEMERAL"
    )
      .map(({ name }) => name),
    missing,
    surplus,
    remarks: [
      ...ignored.length > 0
        ? [`IGNORE_COLUMNS leaves out ${ignored.join(", ")}: rows that differ in nothing else are the same`]
        : [],
      ...merges
        ? [
          `${pair.here.engine} merges rows: these are rows as they are stored, and one that is at one site only may have been ` +
          "merged with another at the other site",
        ]
        : [],
    ],
  };
}

/** A partition of which the active site has no row. */
function onlyHere({ partitionId, reading }: JudgedPartition, { deletes }: TablePair, now: number) {
  if (reading !== "only here" || partitionId === null) return null;
  const moment = { now, settledBefore: now, settledBeforeDay: 0 };
  const scope = { axis: null, moment, quiet: true, settleSeconds: 0, ttls: deletes };
  return { partitionId, scope, bucketing: { kind: "hash", count: 1 } as const, buckets: [], alone: true };
}
