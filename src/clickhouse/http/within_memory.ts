/** Statements that the server has not the memory for are sent again in smaller blocks. */
import type { ClickHouseSettings } from "@clickhouse/client-web";
import type { StatementOptions } from "./connection_options.ts";
import { SiteError } from "./errors.ts";

const MEMORY_LIMIT_EXCEEDED = 241;
const MEGABYTE = 1_000_000;

/**
 * What bounds the memory of a statement at both servers, in steps: rows of a block as it is read and sent (a block is a
 * granule of 10 MB at least, whatever `preferred_block_size_bytes` says, and is held several times over), threads that each
 * hold blocks, bytes of a block that becomes a part, and bytes from which grouping and sorting go to disk. The last one
 * copies rows of several megabytes within 300 MB.
 */
const SMALLER: readonly ClickHouseSettings[] = [
  {},
  bounds({ rows: 4096, threads: 2, insertMegabytes: 64, spillMegabytes: 100 }),
  bounds({ rows: 64, threads: 1, insertMegabytes: 16, spillMegabytes: 32 }),
  bounds({ rows: 4, threads: 1, insertMegabytes: 8, spillMegabytes: 32 }),
];

function bounds(of: { rows: number; threads: number; insertMegabytes: number; spillMegabytes: number }) {
  const spill = String(of.spillMegabytes * MEGABYTE);
  return {
    max_block_size: String(of.rows),
    max_threads: of.threads,
    max_insert_threads: "1",
    min_insert_block_size_bytes: String(of.insertMegabytes * MEGABYTE),
    max_bytes_before_external_group_by: spill,
    max_bytes_before_external_sort: spill,
  };
}

/** The statement with smaller blocks; step 0 leaves it as it is. */
export function inSmallerBlocks(options: StatementOptions, step: number): StatementOptions {
  const smaller = SMALLER[step] ?? {};
  return {
    ...options,
    settings: { ...options.settings, ...smaller },
    ...(options.inText ? { inText: { ...options.inText, ...smaller } } : {}),
  };
}

/**
 * Sends a statement, with smaller blocks each time that the server's memory does not do.
 *
 * @param send with the step; sent again it must do no harm
 * @param from the step to begin with
 */
export async function withinMemory<T>(send: (step: number) => Promise<T>, from = 0): Promise<T> {
  for (let step = from;; step++) {
    try {
      return await send(step);
    } catch (error) {
      const hopeless = step + 1 >= SMALLER.length || !(error instanceof SiteError);
      if (hopeless || error.code !== MEMORY_LIMIT_EXCEEDED) throw error;
    }
  }
}
