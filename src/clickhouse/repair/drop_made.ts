/** Dropping a table that ch-sync made, of any size. */
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { SiteError } from "../http/errors.ts";
import { DROP_ANY_SIZE } from "../sql/remote_options.ts";
import { readPartHashes } from "./part_hashes.ts";
import { dropPart, dropStaging } from "./staging_statements.ts";

/** ClickHouse's number of a table that is too large to be dropped. */
const TOO_LARGE = 359;

/**
 * Before 23.12 no statement may say that a table over 50 GB is to be dropped: then its parts go one by one, each of which is smaller
 * as a rule.
 *
 * @throws {SiteError} also where a part by itself is too large
 */
export async function dropMade(connection: Connection, table: TableId): Promise<void> {
  const options = { ...DROP_ANY_SIZE, long: true };
  try {
    await connection.command(dropStaging(table), options);
  } catch (error) {
    if (!(error instanceof SiteError) || error.code !== TOO_LARGE) throw error;
    for (const { name, active } of await readPartHashes(connection, table)) {
      if (active) await connection.command(dropPart(table, name), options);
    }
    await connection.command(dropStaging(table), options);
  }
}
