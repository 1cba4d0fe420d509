/** Parts by the hashes of their files: the same ones say that the same rows are in another table. */
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { partHashes } from "./staging_statements.ts";

export interface PartHash {
  readonly name: string;
  readonly hash: string;
  /** Not replaced by a merge or a mutation. */
  readonly active: boolean;
}

/** @param partitionId absent: the parts of all partitions */
export async function readPartHashes(
  connection: Connection,
  id: TableId,
  partitionId?: string,
): Promise<PartHash[]> {
  const rows = await connection.rows<{ _chsync_part: string; _chsync_hash: string; _chsync_active: number }>(
    partHashes(id, partitionId),
  );
  return rows.map(({ _chsync_part, _chsync_hash, _chsync_active }) => ({
    name: _chsync_part,
    hash: _chsync_hash,
    active: _chsync_active === 1,
  }));
}

/** Whether the active parts are just these, each as often. */
export function areActive(parts: readonly PartHash[], expected: readonly PartHash[]): boolean {
  const hashes = (some: readonly PartHash[]) => some.map(({ hash }) => hash).sort().join();
  return hashes(parts.filter(({ active }) => active)) === hashes(expected);
}
