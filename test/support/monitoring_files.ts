/** What the files of docs/monitoring are held against. */
import { CATALOG, type Metric } from "../../src/metrics/catalog.ts";

/** The root of the repository. */
export const ROOT = new URL("../../", import.meta.url);

/** Names of ch-sync's metrics in an expression. */
export const METRIC = /\bch_sync_\w+/g;

/** All that expressions may name, the series of histograms among them. */
export function metricNames(): Set<string> {
  return new Set(
    Object.values<Metric>(CATALOG).flatMap(({ name, type }) =>
      type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
    ),
  );
}
