/** Asking a server how it hashes example values of types. */
import type { HashedAs } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { SiteError } from "../http/errors.ts";
import { hashConstants, makeExamples } from "./hash_constants.ts";

/** Types in one statement, at most. One that fails is quoted in the error, of which a server may cut the end, and its number. */
const AT_ONCE = 32;

/** By type the hashes of its examples; null: the server cannot hash it. */
export async function askHashes(
  connection: Connection,
  types: readonly string[],
  as: HashedAs,
): Promise<Map<string, string | null>> {
  const row = types.length > AT_ONCE ? null : await answered(connection, hashConstants(types, as));
  if (row) return new Map(types.map((type) => [type, row[type] ?? null]));
  if (types.length === 1) {
    const [type] = types as [string];
    // What can be made and not hashed is in rows too, whatever the server hashes of plainer ones.
    if (await answered(connection, makeExamples(type))) return new Map([[type, null]]);
    return new Map([[type, (await answered(connection, hashConstants([type], as, true)))?.[type] ?? null]]);
  }
  // Too many; or one type is enough to fail the statement: halve it until that one is alone.
  const half = types.length >> 1;
  const found = [
    await askHashes(connection, types.slice(0, half), as),
    await askHashes(connection, types.slice(half), as),
  ];
  return new Map(found.flatMap((some) => [...some]));
}

/** Null: the server refuses the statement. */
async function answered(connection: Connection, statement: string): Promise<Record<string, string> | null> {
  try {
    return await connection.one<Record<string, string>>(statement);
  } catch (error) {
    if (!(error instanceof SiteError) || error.code === null) throw error;
    return null;
  }
}
