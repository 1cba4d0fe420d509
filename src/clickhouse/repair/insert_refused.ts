/** Where the server does not take staged parts, as they are of a table that is not to the letter like this one: their rows are inserted. */
import type { Repair } from "../../model/repair.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { errorText } from "../../text/error_text.ts";
import { ofTable } from "../catalog/parts.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { SiteError } from "../http/errors.ts";
import { EXACT_INSERT, NO_DDL } from "../http/statement_settings.ts";
import { inSmallerBlocks } from "../http/within_memory.ts";
import { areActive, type PartHash, readPartHashes } from "./part_hashes.ts";
import { Disproof } from "./disproof.ts";
import type { PartitionProofs, PartitionProofsOptions } from "./partition_proofs.ts";
import { insertStaging, isReplicated } from "./staging_statements.ts";

export interface BringInOptions extends PartitionProofsOptions {
  readonly staging: TableId;
  readonly proofs: PartitionProofs;
  /** Asked right before rows go in by INSERT: throws unless they may, and the partition is as it was compared. */
  readonly proveUnchanged: () => Promise<void>;
  /** By how much smaller blocks than usual the copy fitted the memory. */
  readonly step: number;
  /** Sends a statement. */
  readonly command: (statement: string, options: StatementOptions) => Promise<void>;
}

/**
 * ClickHouse's number for two tables that differ in their keys, indices or projections. Versions compare these as texts, each in its own
 * way, before they move anything.
 */
const UNLIKE = 36;

export function isRefused(error: SiteError): boolean {
  return error.code === UNLIKE;
}

/**
 * @param refused what the server said of the parts
 * @param staged the parts
 * @param once inserts into a Replicated table, of which only one replica may do so
 * @throws {Disproof} {SiteError} where the rows are not inserted, or not provably all of them: the next check finds which are
 */
export async function insertRefused(
  options: BringInOptions,
  refused: SiteError,
  staged: readonly PartHash[],
  once: () => Promise<void>,
): Promise<void> {
  const { connection, repair, staging, proofs, proveUnchanged, step, command } = options;
  const { pair: { here }, partitionId } = repair;
  const objection = whyNotInserted(repair);
  if (objection !== null) {
    const unlike = `this server's copy of ${
      tableName(here.id)
    } is not like it to the letter, so it takes no parts of it`;
    throw new Disproof(
      `${errorText(refused)}: ${unlike}; nothing was added, and the rows are not inserted, as ${objection}`,
    );
  }
  // The server compares the tables first, so it took none of them: else rows would come twice.
  if (!areActive(await readPartHashes(connection, staging, partitionId), staged)) throw refused;
  // Into another column a value would go as another one.
  if (await columnsOf(connection, staging) !== await columnsOf(connection, here.id)) throw refused;
  if (isReplicated(here)) return await once();
  await proveUnchanged();
  const sending = { long: true, unstoppable: true, settings: { ...EXACT_INSERT, ...NO_DDL } };
  try {
    await command(insertStaging(repair, staging), inSmallerBlocks(sending, step));
  } catch (error) {
    // What got no answer may go on: that is told by its fate.
    if (!(error instanceof SiteError) || error.code === null) throw error;
    throw new Disproof(
      `${
        errorText(error)
      }; some of the rows may have been added, and the next check compares the partition again`,
    );
  }
  await proofs.proveWhole();
}

async function columnsOf(connection: Connection, id: TableId): Promise<string> {
  const kept = "default_kind NOT IN ('ALIAS', 'EPHEMERAL')";
  const rows = await connection.rows(
    `SELECT name, type FROM system.columns WHERE ${ofTable(id)} AND ${kept} ORDER BY name`,
  );
  return JSON.stringify(rows);
}

/** Why an INSERT would not do what ATTACH does; null: it does. */
function whyNotInserted({ method, mergesRows, pair: { here } }: Repair): string | null {
  if (method === "replace") return "what is here has to be replaced in one step";
  if (method === "insert" || here.feeds.length > 0) return "views would be fed with them once more";
  return mergesRows || here.traits.mergesRows ? "its engine goes by the order in which rows come" : null;
}
