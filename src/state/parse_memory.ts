/** The memory of tables as JSON and back. */
import type { Memory, RememberedPartition, RememberedRepair, RememberedTable } from "../model/memory.ts";

/** Of the format; a file of another one is not read. */
export const MEMORY_VERSION = 1;

/** @param configDigest of the settings under which the tables were compared */
export function formatMemory(memory: Memory, configDigest: string): string {
  const tables = Object.fromEntries([...memory].map(([name, table]) => [name, {
    ...table,
    partitions: Object.fromEntries([...table.partitions].map(([id, partition]) => [id, shorten(partition)])),
  }]));
  return JSON.stringify({ version: MEMORY_VERSION, config_digest: configDigest, tables }) + "\n";
}

/** Only what is not as usual is written: there may be a million partitions. */
function shorten({ rowsHere, rowsActive, quiet, arrivedAt, repair }: RememberedPartition) {
  return {
    rows: rowsHere === rowsActive ? String(rowsHere) : `${rowsHere}/${rowsActive}`,
    ...(quiet ? { quiet } : {}),
    ...(arrivedAt === null ? {} : { arrivedAt }),
    ...(repair ? { repair: { ...repair, rows: String(repair.rows), city: String(repair.city) } } : {}),
  };
}

/** Empty for a memory of other settings or of another version; null: the text is none at all. Never throws. */
export function parseMemory(text: string, configDigest: string): Memory | null {
  try {
    const value = object(JSON.parse(text));
    if (integer(value.version) !== MEMORY_VERSION || value.config_digest !== configDigest) return new Map();
    return new Map(Object.entries(object(value.tables)).map(([name, table]) => [name, readTable(table)]));
  } catch {
    return null;
  }
}

class Unreadable extends Error {}

function readTable(value: unknown): RememberedTable {
  const { uuid, checkedAt, settledBefore, settledBeforeDay, partitions } = object(value);
  if (typeof uuid !== "string") throw new Unreadable();
  return {
    uuid,
    checkedAt: integer(checkedAt),
    settledBefore: integer(settledBefore),
    settledBeforeDay: integer(settledBeforeDay),
    partitions: new Map(
      Object.entries(object(partitions)).map(([id, partition]) => [id, readPartition(partition)]),
    ),
  };
}

function readPartition(value: unknown): RememberedPartition {
  const { rows, quiet = false, arrivedAt = null, repair = null } = object(value);
  const [here, active = here] = String(rows).split("/");
  return {
    rowsHere: count(here),
    rowsActive: count(active),
    quiet: quiet === true,
    arrivedAt: arrivedAt === null ? null : integer(arrivedAt),
    repair: repair === null ? null : readRepair(repair),
  };
}

function readRepair(value: unknown): RememberedRepair {
  const { rows, city, times, at } = object(value);
  return { rows: count(rows), city: count(city), times: integer(times), at: integer(at) };
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Unreadable();
  return value as Record<string, unknown>;
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Unreadable();
  return value as number;
}

function count(value: unknown): bigint {
  if (typeof value !== "string" || !/^\d{1,20}$/.test(value)) throw new Unreadable();
  return BigInt(value);
}
