/** From which tables rows may still come to what views fill. */
import type { Summaries } from "../../model/partition.ts";
import type { TableReport } from "../../model/report.ts";
import type { Moment } from "../../model/scope.ts";
import { isSettled } from "../../verdict/clean.ts";
import type { Discovery } from "../tables/discovery.ts";
import { allSources } from "./derived_tables.ts";

/**
 * Compared tables from which rows may still come through views: those that were not found whole, and, where rows pass a
 * table in which they may stay for a while (Buffer, Distributed), those that changed within the settle window.
 */
export function unfinishedSources(
  name: string,
  { sources, compared, holding }: Pick<Discovery, "sources" | "compared" | "holding">,
  reports: ReadonlyMap<string, TableReport>,
  summaries: Summaries,
  moment: Moment,
): string[] {
  const upstream = [...allSources(name, sources)];
  const detour = upstream.some((source) => holding.has(source));
  const resting = (source: string) => (summaries.here.get(source)?.changedAt ?? 0) < moment.settledBefore;
  return upstream.filter((source) =>
    compared.has(source) &&
    (!reports.get(source)?.findings.every(isSettled) || (detour && !resting(source)))
  ).sort();
}
