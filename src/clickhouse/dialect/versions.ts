/** What versions of ClickHouse do differently that ch-sync minds, a line each. What a server can be asked is no line here. */
import type { ClickHouseSettings } from "@clickhouse/client-web";

/** Older servers are refused. */
export const OLDEST = "23.8";

/** Rights by the words of older versions: since when the words of today are known, and what stands in their place before. */
const RIGHTS: readonly { readonly right: string; readonly since: string; readonly before: string }[] = [
  { right: "READ ON REMOTE", since: "25.7", before: "REMOTE ON *.*" },
  { right: "WRITE ON REMOTE", since: "25.7", before: "REMOTE ON *.*" },
];

/** Settings that have another value on older servers than EXACT gives them, or mean something there alone. */
const VALUES: readonly { readonly since: string; readonly before: ClickHouseSettings }[] = [
  // Until then it was an experiment, and no profile used it.
  { since: "24.3", before: { allow_experimental_analyzer: 0 } },
  // Leaves out of a SELECT what stands in two parts of one UUID. It means nothing in 26.3; 25.8 still has it.
  { since: "26.3", before: { allow_experimental_query_deduplication: 0 } },
];

/**
 * What a server that does not know all of today's settings may take for an experiment, as far as it knows it: a table that
 * somebody was allowed to create there gets a staging table like itself.
 */
export const EXPERIMENTS: ClickHouseSettings = {
  allow_experimental_annoy_index: 1,
  allow_experimental_bfloat16_type: 1,
  allow_experimental_dynamic_type: 1,
  allow_experimental_full_text_index: 1,
  allow_experimental_inverted_index: 1,
  allow_experimental_json_type: 1,
  allow_experimental_object_type: 1,
  allow_experimental_qbit_type: 1,
  allow_experimental_statistic: 1,
  allow_experimental_statistics: 1,
  allow_experimental_usearch_index: 1,
  allow_experimental_variant_type: 1,
  allow_experimental_vector_similarity_index: 1,
};

/** @param version as a server tells it, such as `24.8.4.13`; @param release such as `24.11` */
export function isBefore(version: string, release: string): boolean {
  const [year = 0, month = 0] = version.split(".").map(Number);
  const [sinceYear = 0, sinceMonth = 0] = release.split(".").map(Number);
  return year < sinceYear || (year === sinceYear && month < sinceMonth);
}

/** In words for an operator; null: ch-sync works with it. */
export function tooOld(version: string): string | null {
  return isBefore(version, OLDEST)
    ? `its version is ${
      version.slice(0, 40)
    }, and ch-sync works with ClickHouse ${OLDEST} and newer: upgrade this server`
    : null;
}

/** What stands in place of values of EXACT where servers of these versions take part. @param versions null: of a new one */
export function olderValues(...versions: readonly (string | null)[]): ClickHouseSettings {
  const old = versions.filter((version) => version !== null);
  const values = VALUES.filter(({ since }) => old.some((version) => isBefore(version, since)));
  return Object.assign({}, ...values.map(({ before }) => before));
}

/** Settings of a MergeTree table that an older server refuses. */
const TABLE_SETTINGS: ReadonlyMap<string, string> = new Map([
  ["allow_dimensions_outside_sorting_key", "26.7"],
  ["enable_block_number_column", "24.5"],
  ["enable_block_offset_column", "24.5"],
  ["number_of_free_entries_in_pool_to_execute_optimize_entire_partition", "23.10"],
]);

/** Whether a table may be created with this setting. @param version null: of a new server */
export function knowsTableSetting(version: string | null, name: string): boolean {
  const since = TABLE_SETTINGS.get(name);
  return version === null || since === undefined || !isBefore(version, since);
}

/** The right as this version spells it: before 24.10 names know no `*`, and one on ch-sync's own tables is one on their database. */
export function spelledFor(version: string, right: string): string {
  const line = RIGHTS.find((line) => line.right === right);
  if (line !== undefined) return isBefore(version, line.since) ? line.before : right;
  return isBefore(version, "24.10") ? right.replace(/\._chsync_\*$/, ".*") : right;
}
