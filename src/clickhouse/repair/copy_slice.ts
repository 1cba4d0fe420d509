/** Copying slice by slice: one that was cut off, or did not fit the memory, is copied again, without what came of it. */
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { SiteError } from "../http/errors.ts";
import { withinMemory } from "../http/within_memory.ts";
import { readPartHashes } from "./part_hashes.ts";
import { dropPart } from "./staging_statements.ts";

const TRIES = 3;
/** Milliseconds before the second try, and twice as many before the third. */
const PAUSE_MS = 1000;

/** ClickHouse's numbers of what goes wrong between two servers, and may go well the next time. */
const CUT_OFF: ReadonlySet<number> = new Set([32, 33, 209, 210, 279, 519]);

/**
 * @param copy sends the statement that adds the rows of one slice to the staging table, with blocks of this step
 * @param how the step to begin with, and whether there is no other slice: then nothing is gained by trying it again at once
 * @returns the step by which it was copied
 */
export async function copySlice(
  connection: Connection,
  staging: TableId,
  copy: (step: number) => Promise<void>,
  { from, alone }: { readonly from: number; readonly alone: boolean },
): Promise<number> {
  const parts = async () =>
    (await readPartHashes(connection, staging)).filter(({ active }) => active).map(({ name }) => name);
  const before = new Set(alone ? [] : await parts());
  const dropCopied = async () => {
    for (const part of await parts()) {
      if (!before.has(part)) await connection.command(dropPart(staging, part));
    }
  };
  return await withinMemory(async (step) => {
    if (step > from) await dropCopied();
    for (let tries = 1;; tries++) {
      try {
        await copy(step);
        return step;
      } catch (error) {
        if (alone || tries === TRIES || !wasCutOff(error)) throw error;
        await dropCopied();
        await new Promise((resolve) => setTimeout(resolve, tries * PAUSE_MS));
      }
    }
  }, from);
}

/** Only a statement that has ended in the server is sent again. */
function wasCutOff(error: unknown): boolean {
  if (!(error instanceof SiteError)) return false;
  return error.code === null ? error.fate === "ended" : CUT_OFF.has(error.code);
}
