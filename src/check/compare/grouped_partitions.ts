/** Partitions in which a `TTL … GROUP BY` has grouped rows, or may at any moment, at a different time at each site. */
import { sameDigest } from "../../model/digest.ts";
import type { TablePair } from "../../model/table.ts";
import type { ComparedPartition } from "./compare_partitions.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** Of those that both sites hold and that differ, the ones with rows past a `TTL … GROUP BY` of either site. */
export async function groupedPartitions(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  compared: readonly ComparedPartition[],
): Promise<ReadonlySet<string>> {
  const ttls = pair.groups;
  const differing = compared.map(({ facts }) => facts).filter(({ comparison }) =>
    comparison.here.rows > 0n && !sameDigest(comparison.here, comparison.there)
  );
  if (ttls.length === 0 || differing.length === 0) return new Set();
  const ids = differing.map(({ there }) => there.id);
  const all = { ...differing[0]!.scope, quiet: true, ttls: [] };
  const young = { ...all, ttls };
  const grouped = new Set<string>();
  for (const [site, table] of [[here, pair.here], [there, pair.there]] as const) {
    const [every, left] = await Promise.all([
      site.countRows(table, ids, all),
      site.countRows(table, ids, young),
    ]);
    for (const id of ids) if ((every.get(id) ?? 0n) > (left.get(id) ?? 0n)) grouped.add(id);
  }
  return grouped;
}
