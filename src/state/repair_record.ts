/** The append-only record of every repair. */
import { errorText } from "../text/error_text.ts";
import type { RepairRecord } from "../model/repair_record.ts";
import { makeParent, openOwn, StateError, writeAll } from "../files/private_file.ts";

/** Bytes after which the record is moved to `….jsonl.1`, some 30,000 repairs. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/** Repairs may end at the same time: two must not both move a full record away. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Appends one line to `ch-sync-repairs.jsonl`, mode 0600.
 *
 * @throws {StateError} if the file cannot be written
 */
export function appendRepair(directory: string, record: RepairRecord): Promise<void> {
  const appended = before.then(() => append(directory, record));
  before = appended.catch(() => {});
  return appended;
}

async function append(directory: string, record: RepairRecord): Promise<void> {
  const path = `${directory}/ch-sync-repairs.jsonl`;
  try {
    await makeParent(path);
    const size = await Deno.lstat(path).then((file) => file.size, () => 0);
    if (size >= ROTATE_BYTES) await Deno.rename(path, `${path}.1`);
    using file = await openOwn(path, { read: true, append: true, create: true, mode: 0o600 });
    // A crash or a full disk may have cut off the last line: it must not spoil this one.
    const start = await endsWithinLine(file) ? "\n" : "";
    await writeAll(file, `${start}${JSON.stringify(record)}\n`);
  } catch (error) {
    const reason = errorText(error);
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

/** Bytes from the end of the record that are searched for the last repairs. */
const TAIL_BYTES = 256 * 1024;

/** The last repairs, at most `count`, oldest first. Never throws: without a record there are none. */
export async function lastRepairs(directory: string, count: number): Promise<RepairRecord[]> {
  try {
    using file = await openOwn(`${directory}/ch-sync-repairs.jsonl`, { read: true });
    const { size } = await file.stat();
    await file.seek(Math.max(0, size - TAIL_BYTES), Deno.SeekMode.Start);
    const text = await new Response(file.readable).text();
    // The first line may be cut off, and so may the last.
    return text.split("\n").flatMap(parseRecord).slice(-count);
  } catch {
    return [];
  }
}

function parseRecord(line: string): RepairRecord[] {
  try {
    const record = JSON.parse(line);
    const texts = [record.time, record.table, record.partition, record.reason];
    const numbers = [record.rows, record.bytes ?? 0, record.seconds ?? 0];
    const valid = texts.every((text) => typeof text === "string") && numbers.every(Number.isFinite) &&
      !Number.isNaN(Date.parse(record.time));
    return valid ? [record] : [];
  } catch {
    return [];
  }
}
