/** What a server says of itself. */
import type { ServerFacts } from "../../model/site.ts";
import { wholeNumber } from "../http/decode.ts";
import { parseRun, type RunRow, WHICH_RUN } from "../sql/server_run.ts";

export interface FactsRow extends RunRow {
  readonly now: string;
  readonly day: string;
  readonly zone: string;
  readonly version: string;
  readonly cores: string;
  readonly id: string;
}

export function factsStatement(settleSeconds: number): string {
  return `SELECT toInt64(now()) AS now, toInt64(toDate(now() - ${settleSeconds})) AS day, timezone() AS zone, ` +
    `version() AS version, toUInt64(getSetting('max_threads')) AS cores, ` +
    `concat(toString(serverUUID()), ' ', hostName(), ' ', ` +
    `arrayStringConcat(arraySort((SELECT groupArray(path) FROM system.disks)), ' ')) AS id, run FROM (${WHICH_RUN})`;
}

/** @param others what the server answered when it was asked again who it is */
export function decodeFacts(row: FactsRow, others: readonly RunRow[]): ServerFacts {
  return {
    now: wholeNumber(row.now),
    settledBeforeDay: wholeNumber(row.day),
    timezone: String(row.zone),
    version: String(row.version),
    cores: wholeNumber(row.cores),
    identity: String(row.id),
    runs: [row, ...others].map(({ run }) => parseRun(run)),
  };
}
