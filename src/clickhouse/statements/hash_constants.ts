/** The statement by which two servers are asked to hash the same values of the same types (trap 12). */
import type { HashedAs } from "../../check/ports.ts";
import { canonical } from "../canonical.ts";
import { exampleValues } from "../example_values.ts";
import { identifier } from "../quoting.ts";

/** Answers one row: by the name of each type both hashes of its examples, in the form in which columns are compared. */
export function hashConstants(types: readonly string[], as: HashedAs): string {
  return `SELECT ${types.map((type) => `${hashes(type, as)} AS ${identifier(type)}`).join(", ")}`;
}

function hashes(type: string, as: HashedAs): string {
  const values = exampleValues(type).map((value) => canonical(value, type, as === "text"));
  const row = `tuple(${values.join(", ")})`;
  return `concat(toString(cityHash64(${row})), ' ', toString(xxh3(${row})))`;
}
