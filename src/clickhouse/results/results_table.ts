/** The table of this site into which checks are written for dashboards and queries: one row a check, its findings nested in it. */
import type { Run } from "../../model/run.ts";
import type { SiteName } from "../../model/site.ts";
import type { TableId } from "../../model/table.ts";
import { listed, sql } from "../sql/layout.ts";
import { identifier, qualified } from "../sql/quoting.ts";

/** Days that rows are kept, as long as the checks in the memory. */
const KEPT_DAYS = 90;

const TIME = "DateTime64(3, 'UTC')";
const WORD = "LowCardinality(String)";

/** Names as in `--history --json`; what is no text there is null is empty here. */
const COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ["started_at", TIME],
  ["role", WORD],
  ["seconds", "Float64"],
  ["active_site", WORD],
  ["outcome", WORD],
  ["error", "String"],
  ["scope", "String"],
  ["limited", "Bool"],
  ["tables", "UInt64"],
  ["partitions", "UInt64"],
  ["partitions_proven_before", "UInt64"],
  ["partitions_counted_only", "UInt64"],
  ["rows_compared", "UInt64"],
  ["partitions_repaired", "UInt64"],
  ["rows_repaired", "UInt64"],
  ["rows_missing", "UInt64"],
  ["clean", "Bool"],
  ["consecutive_clean", "UInt64"],
  ["failback_ready", "Bool"],
  ["holds_through", `Nullable(${TIME})`],
  ["findings.table", "Array(String)"],
  ["findings.partition", "Array(String)"],
  ["findings.reason", `Array(${WORD})`],
  ["findings.cause", `Array(${WORD})`],
  ["findings.detail", "Array(String)"],
  ["findings.clean", "Array(Bool)"],
  ["findings.repaired", "Array(Bool)"],
  ["findings.rows_missing", "Array(UInt64)"],
  ["findings.rows_surplus", "Array(UInt64)"],
  ["findings_left_out", "UInt64"],
];

export function createResults(table: TableId): string {
  return sql`
    CREATE TABLE IF NOT EXISTS ${qualified(table)}
    (
      ${listed(COLUMNS.map(([name, type]) => `${identifier(name)} ${type}`))}
    )
    ENGINE = MergeTree
    PARTITION BY toYYYYMM(started_at)
    ORDER BY (role, started_at)
    TTL toDateTime(started_at) + toIntervalDay(${KEPT_DAYS})
    COMMENT 'What ch-sync found and did, one row a check'
  `;
}

/** @param redact takes secrets out */
export function insertResult(
  table: TableId,
  role: SiteName,
  run: Run,
  redact: (text: string) => string,
): string {
  const row = JSON.parse(redact(JSON.stringify(rowOf(role, run))));
  const names = COLUMNS.map(([name]) => name);
  const given = Object.fromEntries(names.map((name) => [name, row[name]]));
  return `INSERT INTO ${qualified(table)} (${names.map(identifier).join(", ")}) FORMAT JSONEachRow ${
    JSON.stringify(given)
  }`;
}

function rowOf(role: SiteName, { findings, error, scope, started_at, holds_through, ...figures }: Run) {
  const each = <Value>(value: (found: Run["findings"][number]) => Value) => findings.map(value);
  return {
    ...figures,
    role,
    started_at: time(started_at),
    holds_through: holds_through === null ? null : time(holds_through),
    error: error ?? "",
    scope: scope ?? "",
    "findings.table": each(({ table }) => table),
    "findings.partition": each(({ partition }) => partition ?? ""),
    "findings.reason": each(({ reason }) => reason),
    "findings.cause": each(({ cause }) => cause),
    "findings.detail": each(({ detail }) => detail),
    "findings.clean": each(({ clean }) => clean),
    "findings.repaired": each(({ repaired }) => repaired),
    "findings.rows_missing": each(({ rows_missing }) => rows_missing),
    "findings.rows_surplus": each(({ rows_surplus }) => rows_surplus),
  };
}

/** ISO 8601 UTC as every ClickHouse reads it. */
function time(iso: string): string {
  return iso.slice(0, 23).replace("T", " ").replace("Z", "");
}
