/** Copying rows by their hashes, which make a statement longer than servers take by themselves. */
import type { Repair } from "../../model/repair.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { isAnswer } from "../http/errors.ts";
import { LONG_STATEMENT } from "../http/statement_settings.ts";
import { WrongPresumption } from "./partition_proofs.ts";

/** ClickHouse's numbers: longer than `max_query_size`, and a profile that does not let that be changed, as READONLY or by a constraint. */
const TOO_LONG: ReadonlySet<number> = new Set([62, 164, 452]);

/** @returns the options, for a statement as long as that of this repair */
export function longEnough({ hashes }: Repair, options: StatementOptions): StatementOptions {
  if (!hashes) return options;
  return {
    ...options,
    settings: { ...options.settings, ...LONG_STATEMENT },
    ...(options.inText ? { inText: { ...options.inText, ...LONG_STATEMENT } } : {}),
  };
}

/** Where a server does not take the hashes, the partition is compared row by row, and repaired without them. */
export async function unlessTooLong({ hashes }: Repair, copy: () => Promise<void>): Promise<void> {
  try {
    await copy();
  } catch (error) {
    const refused = isAnswer(error) && TOO_LONG.has(error.code);
    throw hashes && refused ? new WrongPresumption() : error;
  }
}
