/** What a server says of itself: its clock, its version and who it is. */
import type { ServerFacts } from "../../model/site.ts";
import { text, wholeNumber } from "../http/decode.ts";
import { sql } from "../sql/layout.ts";
import { parseRun, type RunRow, WHICH_RUN } from "../sql/server_run.ts";

/**
 * A Date is settled once its day is over both in the server's zone and in UTC: from which of them writers take it is not known.
 *
 * @param settleSeconds the settle window
 */
export function serverFacts(settleSeconds: number): string {
  return sql`
    WITH (SELECT groupArray(path) FROM system.disks) AS _chsync_paths
    SELECT
      toInt64(now()) AS now,
      toInt64(least(toDate(now() - ${settleSeconds}), toDate(now() - ${settleSeconds}, 'UTC'))) AS day,
      timezone() AS zone,
      version() AS version,
      toUInt64(getSetting('max_threads')) AS cores,
      concat(
        toString(serverUUID()), ' ', hostName(), ' ', arrayStringConcat(arraySort(_chsync_paths), ' ')
      ) AS id,
      run
    FROM (
      ${WHICH_RUN}
    )
  `;
}

export interface ServerFactsRow extends RunRow {
  readonly now: string;
  readonly day: string;
  readonly zone: string;
  readonly version: string;
  readonly cores: string;
  readonly id: string;
}

/**
 * @param others the runs that it named when it was asked again which one this is
 * @throws {TypeError} where a number or a text is none, or a run none
 */
export function decodeServerFacts(row: ServerFactsRow, others: readonly string[]): ServerFacts {
  return {
    now: wholeNumber(row.now),
    settledBeforeDay: wholeNumber(row.day),
    timezone: text(row.zone),
    version: text(row.version),
    cores: wholeNumber(row.cores),
    identity: text(row.id),
    runs: [parseRun(row.run), ...others],
  };
}
