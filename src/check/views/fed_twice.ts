/** Refuses repairs that would feed views the same rows twice. */
import type { Partitions } from "../../model/partition.ts";
import type { Finding } from "../../model/report.ts";
import { allSources } from "./derived_tables.ts";
import type { Discovery } from "../tables/discovery.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/**
 * The partitions here of the tables that views fill from this table and from no other compared one.
 *
 * @param asked names of targets of which the repair itself will tell what they hold
 */
export async function partitionsFedBy(
  { here }: Pick<CheckPorts, "here">,
  table: string,
  { sources, derived, compared }: Pick<Discovery, "sources" | "derived" | "compared">,
  asked: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Partitions>> {
  const fedAlone = [...derived].filter(([target]) => {
    if (asked.has(target)) return false;
    const upstream = [...allSources(target, sources)].filter((name) =>
      compared.has(name) && !derived.has(name)
    );
    return upstream.length === 1 && upstream[0] === table;
  });
  return await here.partitions(fedAlone.map(([, id]) => id));
}

/**
 * A partition that is absent here, although the rows that only its views can have made are here, was dropped here: its
 * rows would pass through the views a second time.
 *
 * @param fed what `partitionsFedBy` answered
 * @returns why the repair is refused; null: it is not
 */
export function refuseFedTwice(found: Finding, fed: ReadonlyMap<string, Partitions>): Finding | null {
  const target = [...fed].find(([, partitions]) => partitions.get(found.partitionId ?? "")?.rows)?.[0];
  if (target === undefined) return null;
  const detail =
    `${found.detail}, but the same partition of ${target}, which views fill from this table, is not: the rows were ` +
    `dropped here, and would be counted twice. Drop that partition of ${target} here as well, so that both are repaired`;
  return { ...found, reason: "views", cause: "fed_before", detail, repair: null, sql: [] };
}
