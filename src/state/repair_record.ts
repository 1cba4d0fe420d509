/** The append-only record of every repair. */
import { makeParent, writeAll } from "./private_file.ts";
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

/**
 * Appends one line to `ch-sync-repairs.jsonl`, mode 0600.
 *
 * @throws {StateError} where the file cannot be written
 */
export async function appendRepair(directory: string, record: RepairRecord): Promise<void> {
  const path = `${directory}/ch-sync-repairs.jsonl`;
  try {
    await makeParent(path);
    const size = await Deno.stat(path).then((file) => file.size, () => 0);
    if (size >= ROTATE_BYTES) await Deno.rename(path, `${path}.1`);
    using file = await Deno.open(path, { read: true, append: true, create: true, mode: 0o600 });
    // A crash or a full disk may have cut the last line off: it must not take this one with it.
    const start = await endsWithinLine(file) ? "\n" : "";
    await writeAll(file, `${start}${JSON.stringify(record)}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StateError(`Cannot record a repair in ${path}: ${reason}; check its owner and the free space`);
  }
}

async function endsWithinLine(file: Deno.FsFile): Promise<boolean> {
  if ((await file.stat()).size === 0) return false;
  await file.seek(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  await file.read(last);
  return last[0] !== 0x0a;
}
