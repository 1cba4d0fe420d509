/** Asking a server how it hashes example values of types. */
import type { HashedAs } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { unlessRefused } from "../http/unless_refused.ts";
import { hashConstants, makeExamples } from "./hash_constants.ts";

/** Types in one statement, at most. One that fails is quoted in the error, of which a server may cut the end, and its number. */
const AT_ONCE = 32;

/** By type the hashes of its examples; null: the server cannot hash it. */
export async function askHashes(
  connection: Connection,
  types: readonly string[],
  as: HashedAs,
): Promise<Map<string, string | null>> {
  const ask = (statement: string) => unlessRefused(connection.one<Record<string, string>>(statement));
  const row = types.length > AT_ONCE ? null : await ask(hashConstants(types, as));
  if (row) return new Map(types.map((type) => [type, row[type] ?? null]));
  if (types.length === 1) {
    const [type] = types as [string];
    // What can be made and not hashed is in rows too, whatever the server hashes of plainer ones.
    if (await ask(makeExamples(type))) return new Map([[type, null]]);
    return new Map([[type, (await ask(hashConstants([type], as, true)))?.[type] ?? null]]);
  }
  // Too many; or one type is enough to fail the statement: halve it until that one is alone.
  const half = types.length >> 1;
  const found = [
    await askHashes(connection, types.slice(0, half), as),
    await askHashes(connection, types.slice(half), as),
  ];
  return new Map(found.flatMap((some) => [...some]));
}
