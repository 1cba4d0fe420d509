/** A day of wide telemetry, and ways in which a site comes to lack some of it. */
import type { Site } from "../../test/support/sites/two_sites.ts";

/** @param table with its database */
export function wideTable(table: string, engine = "MergeTree"): string {
  return `CREATE TABLE ${table} (
  ts DateTime64(9, 'UTC'), trace_id String, span_id String, parent_span_id String, service LowCardinality(String),
  host LowCardinality(String), method LowCardinality(String), route String, url String, status UInt16,
  duration_ns UInt64, bytes_in UInt32, bytes_out UInt32, client IPv4, user_agent String, error Nullable(String),
  attributes Map(LowCardinality(String), String)
) ENGINE = ${engine} PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)`;
}

/** SQL: a SELECT of the rows of a day, evenly spread over it. @param where of `number`, which of them */
export function wideRows(rows: number, day = "2026-01-01", where = "1"): string {
  return `SELECT
  toDateTime64('${day} 00:00:00', 9, 'UTC') + toIntervalNanosecond(number * ${Math.floor(86_400e9 / rows)}),
  lower(hex(sipHash128(number))), lower(hex(sipHash64(number))), lower(hex(sipHash64(number, 1))),
  concat('service-', toString(number % 20)), concat('host-', toString(number % 100)),
  ['GET', 'POST', 'PUT'][1 + number % 3], concat('/api/v1/', toString(number % 200)),
  concat('https://shop.example/api/v1/', toString(number % 200), '/', toString(number * 7919 % 1000003)),
  200 + number % 5, number * 7919 % 1000000007, number % 5000, number * 31 % 90000,
  toIPv4(toUInt32(number * 2654435761 % 4294967296)),
  concat('Mozilla/5.0 (X11; Linux x86_64) agent/', toString(number % 300)),
  if(number % 50 = 0, concat('error ', toString(number % 97)), NULL),
  map('k8s.pod', concat('pod-', toString(number % 500)), 'user', toString(number * 13 % 100000))
  FROM numbers(${rows}) WHERE ${where}`;
}

/** Removes the rows of a condition for good. */
export async function lose(site: Site, condition: string): Promise<void> {
  await site.query(`ALTER TABLE bench.http DELETE WHERE ${condition} SETTINGS mutations_sync = 2`);
}
