/** The append-only record of every repair. */
import { makeParent } from "./private_file.ts";
import { StateError } from "./state_error.ts";

export interface RepairRecord {
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly table: string;
  readonly partition: string;
  readonly reason: string;
  readonly rows: number;
  /** Of the rows that were added: decimal sums of hashes. */
  readonly digests: { readonly city: string; readonly xxh: string };
  readonly query_ids: readonly string[];
}

/** Bytes after which the record is moved to `….jsonl.1`, some 30,000 repairs. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/** Appends one line to `ch-sync-repairs.jsonl`. Throws a `StateError`. */
export async function appendRepair(directory: string, record: RepairRecord): Promise<void> {
  const path = `${directory}/ch-sync-repairs.jsonl`;
  try {
    await makeParent(path);
    const size = await Deno.stat(path).then((file) => file.size, () => 0);
    if (size >= ROTATE_BYTES) await Deno.rename(path, `${path}.1`);
    await Deno.writeTextFile(path, JSON.stringify(record) + "\n", { append: true, mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StateError(`Cannot record a repair in ${path}: ${reason}; check its owner and the free space`);
  }
}
