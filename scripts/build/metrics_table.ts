/** The metrics as the table of docs/monitoring.md. */
import { CATALOG, type Metric } from "../../src/metrics/catalog.ts";

/** Markdown: a row for each metric, in the catalog's order. */
export function metricsTable(): string {
  const rows = Object.values<Metric>(CATALOG).map(({ name, type, labels, help }) =>
    `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`
  );
  return ["| metric | type | labels | meaning |", "|---|---|---|---|", ...rows].join("\n");
}
