/** What a server says of itself: its clock, its version and who it is. */
import type { ServerFacts } from "../../model/site.ts";
import { wholeNumber } from "../http/decode.ts";
import { sql } from "../sql/layout.ts";

/** @param settleSeconds the settle window, to tell the day before which a Date is settled in the server's zone */
export function serverFacts(settleSeconds: number): string {
  return sql`
    WITH (SELECT groupArray(path) FROM system.disks) AS _chsync_paths
    SELECT
      toInt64(now()) AS now,
      toInt64(toDate(now() - ${settleSeconds})) AS day,
      timezone() AS zone,
      version() AS version,
      toUInt64(getSetting('max_threads')) AS cores,
      concat(
        toString(serverUUID()), ' ', hostName(), ' ', arrayStringConcat(arraySort(_chsync_paths), ' ')
      ) AS id
  `;
}

export interface ServerFactsRow {
  readonly now: string;
  readonly day: string;
  readonly zone: string;
  readonly version: string;
  readonly cores: string;
  readonly id: string;
}

/** @throws {TypeError} where a number is none */
export function decodeServerFacts(row: ServerFactsRow): ServerFacts {
  return {
    now: wholeNumber(row.now),
    settledBeforeDay: wholeNumber(row.day),
    timezone: String(row.zone),
    version: String(row.version),
    cores: wholeNumber(row.cores),
    identity: String(row.id),
  };
}
