/** Copying slice by slice: one that was cut off is copied again, without what came of it, and the others stay. */
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { SiteError } from "../http/errors.ts";
import { readPartHashes } from "./part_hashes.ts";
import { dropPart } from "./staging_statements.ts";

const TRIES = 3;
/** Milliseconds before the second try, and twice as many before the third. */
const PAUSE_MS = 1000;

/** ClickHouse's numbers of what goes wrong between two servers, and may go well the next time. */
const CUT_OFF: ReadonlySet<number> = new Set([32, 33, 209, 210, 279, 519]);

/** @param copy sends the statement that adds the rows of one slice to the staging table */
export async function copySlice(
  connection: Connection,
  staging: TableId,
  copy: () => Promise<void>,
): Promise<void> {
  const parts = async () =>
    (await readPartHashes(connection, staging)).filter(({ active }) => active).map(({ name }) => name);
  const before = new Set(await parts());
  for (let tries = 1;; tries++) {
    try {
      return await copy();
    } catch (error) {
      if (tries === TRIES || !wasCutOff(error)) throw error;
      for (const part of await parts()) {
        if (!before.has(part)) await connection.command(dropPart(staging, part));
      }
      await new Promise((resolve) => setTimeout(resolve, tries * PAUSE_MS));
    }
  }
}

/** Only a statement that has ended in the server is sent again. */
function wasCutOff(error: unknown): boolean {
  if (!(error instanceof SiteError)) return false;
  return error.code === null ? error.fate === "ended" : CUT_OFF.has(error.code);
}
