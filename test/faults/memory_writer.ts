// deno-lint-ignore-file no-console -- its parent reads what it says
/** A process that stores memories until it is killed: all partitions of both tables bear the number of the round. */
import type { RememberedPartition, RememberedTable } from "../../src/model/memory.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { EMPTY_TABLE, rememberedPartition } from "../support/data/remembered.ts";

export const TABLES = ["d.a", "d.b"];
export const PARTITIONS = 2500;

const TEXT = "f".repeat(300); // enough that pages are written on the way

export function table(round: number): RememberedTable {
  return {
    ...EMPTY_TABLE,
    checkedAt: round,
    oldestDigest: 4,
    partitions: PARTITIONS,
    rowsActive: 1n,
    city: 2n,
  };
}

function partition(round: number): RememberedPartition {
  const rows = BigInt(round);
  const proof = { here: TEXT, active: TEXT, written: rows, city: rows, reason: null, surplus: 0n };
  return { ...rememberedPartition(rows, 1), proof };
}

/** @throws {StateError} */
export async function storeRound(directory: string, round: number): Promise<void> {
  using memory = await MemoryFile.open(directory, "d", { warn: (text) => console.log(text) });
  const page = new Map(Array.from({ length: PARTITIONS }, (_, n) => [`${10_000 + n}`, partition(round)]));
  for (const name of TABLES) await memory.remember(name, page);
  const tables = new Map(TABLES.map((name) => [name, table(round)]));
  await memory.commit({ tables, keep: () => true, partitions: new Map() });
}

/** Which round a table is of, after each of its partitions was looked at; null: it is not remembered. */
export async function roundOf(memory: MemoryFile, name: string): Promise<number | null> {
  const known = memory.table(name);
  if (!known) return null;
  const partitions = await memory.partitions(name, "", null);
  const rounds = new Set([...partitions.values()].map(({ rowsHere }) => Number(rowsHere)));
  // A reader's table may have been replaced since it was opened: then nothing of it is known.
  const sound = partitions.size === 0 ||
    partitions.size === PARTITIONS && rounds.size === 1 && rounds.has(known.checkedAt);
  if (!sound) {
    throw new Error(
      `${name}: ${partitions.size} partitions of the rounds ${[...rounds]}, not ${known.checkedAt}`,
    );
  }
  return partitions.size === 0 ? null : known.checkedAt;
}

if (import.meta.main) {
  const [directory = "", from = "1", rounds = "1000000"] = Deno.args;
  for (let round = Number(from); round < Number(from) + Number(rounds); round++) {
    try {
      await storeRound(directory, round);
      console.log(`stored ${round}`);
    } catch (error) {
      console.log(error instanceof Error ? error.message : error);
    }
  }
}
