/**
 * The texts in the memory: of a table, with the pages that it consists of, and of a page of its partitions. Each is read
 * with suspicion although its digest was verified: another version of ch-sync may have written it.
 */
import { isFingerprint } from "../model/fingerprint.ts";
import { type Reason, REASONS } from "../model/reason.ts";
import type {
  Proof,
  ProvenSum,
  RememberedPartition,
  RememberedPartitions,
  RememberedRepair,
  RememberedTable,
} from "../model/memory.ts";

/** A page without its content. */
export interface StoredPage {
  readonly id: number;
  /** Of its partitions, in the order of their ids. */
  readonly first: string;
  readonly last: string;
  /** Of its text. */
  readonly digest: string;
  /** Null: not all of its partitions are proven, or something is to be said of one; or an older ch-sync wrote it. */
  readonly proven: ProvenSum | null;
}

export interface StoredTable {
  readonly name: string;
  /** Of the settings that it was compared under. */
  readonly configDigest: string;
  readonly pages: readonly StoredPage[];
  readonly table: RememberedTable;
}

export function formatTable({ name, configDigest, pages, table }: StoredTable): Uint8Array<ArrayBuffer> {
  const { rowsActive, city, ...rest } = table;
  const digest = { rowsActive: String(rowsActive), city: String(city) };
  return encoded({ table: name, configDigest, ...rest, ...digest, pages: pages.map(formatStoredPage) });
}

/** Null: it is none. */
export function parseTable(content: Uint8Array): StoredTable | null {
  return parsed(content, readTable);
}

/** Some partitions in this order: the same ones make the same text. */
export function formatPage(
  ids: readonly string[],
  partitions: RememberedPartitions,
): Uint8Array<ArrayBuffer> {
  return encoded(ids.map((id) => [id, shorten(partitions.get(id)!)]));
}

/** Null: it is none. */
export function parsePage(content: Uint8Array): RememberedPartitions | null {
  return parsed(content, (entries) => {
    const partitions = new Map<string, RememberedPartition>();
    for (const entry of array(entries)) {
      const [id, partition] = array(entry);
      partitions.set(text(id), readPartition(partition));
    }
    return partitions;
  });
}

function encoded(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function parsed<T>(content: Uint8Array, read: (value: unknown) => T): T | null {
  try {
    return read(JSON.parse(new TextDecoder().decode(content)));
  } catch {
    return null;
  }
}

function readTable(content: unknown): StoredTable {
  const value = object(content);
  return {
    name: text(value.table),
    configDigest: text(value.configDigest),
    pages: array(value.pages).map(readStoredPage),
    table: {
      uuid: text(value.uuid),
      checkedAt: integer(value.checkedAt),
      settledBefore: integer(value.settledBefore),
      settledBeforeDay: integer(value.settledBeforeDay),
      proofKey: text(value.proofKey),
      fingerprintHere: text(value.fingerprintHere),
      fingerprintActive: text(value.fingerprintActive),
      whole: value.whole === true,
      oldestDigest: value.oldestDigest === null ? null : integer(value.oldestDigest),
      partitions: integer(value.partitions),
      rowsActive: count(value.rowsActive),
      city: count(value.city),
    },
  };
}

function formatStoredPage({ proven, ...page }: StoredPage) {
  if (proven === null) return page;
  const { partitions, oldestDigest, newestDigest, dueAt } = proven;
  const { rowsActive, city, fingerprintHere, fingerprintActive } = proven;
  const sums = [String(rowsActive), String(city), fingerprintHere, fingerprintActive];
  return { ...page, proven: [partitions, oldestDigest, newestDigest, dueAt, ...sums] };
}

function readStoredPage(value: unknown): StoredPage {
  const { id, first, last, digest, proven = null } = object(value);
  const of = { id: integer(id), first: text(first), last: text(last), digest: text(digest) };
  return { ...of, proven: proven === null ? null : readProvenSum(proven) };
}

function readProvenSum(value: unknown): ProvenSum {
  const [partitions, oldest, newest, due, rows, city, here, active] = array(value);
  return {
    partitions: integer(partitions),
    oldestDigest: integer(oldest),
    newestDigest: integer(newest),
    dueAt: integer(due),
    rowsActive: count(rows),
    city: count(city),
    fingerprintHere: fingerprint(here),
    fingerprintActive: fingerprint(active),
  };
}

function fingerprint(value: unknown): string {
  if (!isFingerprint(text(value))) throw new Unreadable();
  return value as string;
}

/** Leaves out what is as usual: there may be a million partitions. */
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

function formatProof({ here, active, written, city, reason, surplus }: Proof): string[] {
  const kept = written === null ? [] : [String(written)];
  return [here, active, String(city), ...kept, ...(reason === null ? [] : [reason, String(surplus)])];
}

class Unreadable extends Error {}

function readPartition(value: unknown): RememberedPartition {
  const { rows, quiet = false, arrivedAt = null, repair = null, digestedAt = null, proof = null } = object(
    value,
  );
  const both = text(rows);
  const at = both.indexOf("/");
  const rowsHere = count(at < 0 ? both : both.slice(0, at));
  return {
    rowsHere,
    rowsActive: at < 0 ? rowsHere : count(both.slice(at + 1)),
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
  const [here, active, city, ...more] = array(value);
  // Before version 3 a second sum stood here, which is that of no partition.
  const written = more.length % 2 === 1 ? count(more.shift()) : null;
  const [reason = null, surplus = null] = more;
  return {
    here: text(here),
    active: text(active),
    written,
    city: count(city),
    reason: reason === null ? null : readReason(reason),
    surplus: surplus === null ? 0n : count(surplus),
  };
}

function readReason(value: unknown): Reason {
  if (!Object.hasOwn(REASONS, text(value))) throw new Unreadable();
  return value as Reason;
}

function array(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Unreadable();
  return value;
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
