/** Asks this site's server about the road by which it reads the other one: where it leads to, and what comes over it. */
import type { LeadsTo } from "../../model/site.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { isDenied } from "../http/errors.ts";
import { oneShard, type RemoteAccess, remoteDisks } from "../sql/remote_table.ts";
import { ASKED_TIMES, leadsToStatement } from "../sql/server_run.ts";
import { describeUntaken, type UntakenSetting, untakenSettings } from "../sql/taken_settings.ts";

/** @param shard counted from 0 */
export async function askWhereItLeads(
  connection: Connection,
  remote: RemoteAccess,
  bounds: StatementOptions,
  runs: { readonly remote: string; readonly local: string },
  shard: number,
): Promise<LeadsTo[]> {
  const statement = leadsToStatement(remoteDisks(oneShard(remote, shard)), runs, ASKED_TIMES);
  type Row = { readonly _chsync_remote: number; readonly _chsync_local: number };
  const rows = await connection.rows<Row>(statement, bounds);
  return rows.map((row) => row._chsync_remote ? "remote" : row._chsync_local ? "local" : "neither");
}

/** In words; null: it takes all of them, or it cannot be told. */
export async function askUntaken(
  connection: Connection,
  remote: RemoteAccess,
  bounds: StatementOptions,
): Promise<string | null> {
  try {
    // A statement for each: of one for several shards the server itself slows down the words of progress.
    const shards = [remote.address, ...remote.more ?? []].map((_, shard) => oneShard(remote, shard));
    const [answers, ofOwn] = await Promise.all([
      Promise.all(shards.map((one) => connection.rows<UntakenSetting>(untakenSettings(one), bounds))),
      remote.own ? askUntaken(connection, remote.own, bounds) : null,
    ]);
    const untaken = answers.find((rows) => rows.length > 0);
    return untaken ? describeUntaken(untaken) : ofOwn;
  } catch (error) {
    // A named collection may hold another user than REMOTE_CH_USER, which takes them over HTTP.
    if (isDenied(error)) return null;
    throw error;
  }
}
