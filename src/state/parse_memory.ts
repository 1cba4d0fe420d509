/**
 * The lines of the memory file: a header, then one line for each table and one for each page of its partitions, in any
 * order. What a table consists of is told by the generation that its line and its pages share.
 */
import { REASONS } from "../model/reason.ts";
import type {
  Proof,
  RememberedPartition,
  RememberedPartitions,
  RememberedRepair,
  RememberedTable,
} from "../model/memory.ts";

/** Of the format; a file of another one is not read. */
const MEMORY_VERSION = 2;

export function formatHeader(configDigest: string): string {
  return JSON.stringify({ version: MEMORY_VERSION, config_digest: configDigest });
}

/** Whether the line is the header of a memory that these settings can use; null: it is none at all. */
export function parseHeader(line: string, configDigest: string): boolean | null {
  try {
    const { version, config_digest } = object(JSON.parse(line));
    return integer(version) === MEMORY_VERSION && config_digest === configDigest;
  } catch {
    return null;
  }
}

export interface TableLine {
  readonly name: string;
  readonly generation: number;
  readonly pages: number;
  readonly table: RememberedTable;
}

/** Which page a line is, without what is in it. */
export interface PageLine {
  readonly name: string;
  readonly generation: number;
  /** Of its partitions, in the order of their ids. */
  readonly first: string;
  readonly last: string;
}

export function formatTable({ name, generation, pages, table }: TableLine): string {
  const { rowsActive, city, xxh, ...rest } = table;
  const digest = { rowsActive: String(rowsActive), city: String(city), xxh: String(xxh) };
  return JSON.stringify({ table: name, generation, pages, ...rest, ...digest });
}

export function formatPage(
  { name, generation, first, last }: PageLine,
  partitions: RememberedPartitions,
): string {
  const content = Object.fromEntries([...partitions].map(([id, partition]) => [id, shorten(partition)]));
  return JSON.stringify([name, generation, first, last, content]);
}

/** The table of a line, or which page it is; null: neither. Never throws. */
export function parseLine(line: string): TableLine | PageLine | null {
  try {
    return line.startsWith("[") ? readPageLine(line) : readTableLine(object(JSON.parse(line)));
  } catch {
    return null;
  }
}

/** The partitions of a page; none where the line is not what it should be: then they are compared again. */
export function parsePage(line: string): RememberedPartitions {
  try {
    const [, , , , content] = JSON.parse(line);
    return new Map(Object.entries(object(content)).map(([id, value]) => [id, readPartition(value)]));
  } catch {
    return new Map();
  }
}

/** The beginning tells which page it is; the rest may be long, and is read when it is wanted. */
function readPageLine(line: string): PageLine | null {
  const text = `"(?:[^"\\\\]|\\\\.)*"`;
  const [start] = new RegExp(`^\\[${text},\\d+,${text},${text}`).exec(line) ?? [];
  if (start === undefined || !line.endsWith("]")) return null;
  const [name, generation, first, last] = JSON.parse(`${start}]`);
  return { name, generation, first, last };
}

function readTableLine(value: Record<string, unknown>): TableLine {
  const { table, generation, pages, uuid, proofKey, fingerprintHere, fingerprintActive, whole } = value;
  return {
    name: text(table),
    generation: integer(generation),
    pages: integer(pages),
    table: {
      uuid: text(uuid),
      checkedAt: integer(value.checkedAt),
      settledBefore: integer(value.settledBefore),
      settledBeforeDay: integer(value.settledBeforeDay),
      proofKey: text(proofKey),
      fingerprintHere: text(fingerprintHere),
      fingerprintActive: text(fingerprintActive),
      whole: whole === true,
      oldestDigest: value.oldestDigest === null ? null : integer(value.oldestDigest),
      partitions: integer(value.partitions),
      rowsActive: count(value.rowsActive),
      city: count(value.city),
      xxh: count(value.xxh),
    },
  };
}

/** Only what is not as usual is written: there may be a million partitions. */
function shorten(partition: RememberedPartition) {
  const { rowsHere, rowsActive, quiet, arrivedAt, repair, digestedAt, proof } = partition;
  return {
    rows: rowsHere === rowsActive ? String(rowsHere) : `${rowsHere}/${rowsActive}`,
    ...(quiet ? { quiet } : {}),
    ...(arrivedAt === null ? {} : { arrivedAt }),
    ...(repair ? { repair: { ...repair, rows: String(repair.rows), city: String(repair.city) } } : {}),
    ...(digestedAt === null ? {} : { digestedAt }),
    ...(proof ? { proof: formatProof(proof) } : {}),
  };
}

function formatProof({ here, active, city, xxh, reason, surplus }: Proof): string[] {
  return [here, active, String(city), String(xxh), ...(reason === null ? [] : [reason, String(surplus)])];
}

class Unreadable extends Error {}

function readPartition(value: unknown): RememberedPartition {
  const { rows, quiet = false, arrivedAt = null, repair = null, digestedAt = null, proof = null } = object(
    value,
  );
  const [here, active = here] = String(rows).split("/");
  return {
    rowsHere: count(here),
    rowsActive: count(active),
    quiet: quiet === true,
    arrivedAt: arrivedAt === null ? null : integer(arrivedAt),
    repair: repair === null ? null : readRepair(repair),
    digestedAt: digestedAt === null ? null : integer(digestedAt),
    proof: proof === null ? null : readProof(proof),
  };
}

function readRepair(value: unknown): RememberedRepair {
  const { rows, city, times, at } = object(value);
  return { rows: count(rows), city: count(city), times: integer(times), at: integer(at) };
}

function readProof(value: unknown): Proof {
  if (!Array.isArray(value)) throw new Unreadable();
  const [here, active, city, xxh, reason = null, surplus = "0"] = value;
  if (reason !== null && !Object.hasOwn(REASONS, reason)) throw new Unreadable();
  return {
    here: text(here),
    active: text(active),
    city: count(city),
    xxh: count(xxh),
    reason,
    surplus: count(surplus),
  };
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Unreadable();
  return value as Record<string, unknown>;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new Unreadable();
  return value;
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Unreadable();
  return value as number;
}

function count(value: unknown): bigint {
  if (typeof value !== "string" || !/^\d{1,20}$/.test(value)) throw new Unreadable();
  return BigInt(value);
}
