/** Which table has a name. */
import type { TableId } from "../../model/table.ts";
import { literal } from "./quoting.ts";

/** SQL: the UUID of the table that has this name now, as text. */
export function uuidOf({ database, name }: TableId): string {
  return `(SELECT toString(uuid) FROM system.tables WHERE database = ${literal(database)} AND name = ${
    literal(name)
  })`;
}
