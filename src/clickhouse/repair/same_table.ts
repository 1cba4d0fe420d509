/** Whether a name leads to the table that was compared still. */
import type { Table } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { uuidOf } from "../sql/table_uuid.ts";
import { Disproof } from "./disproof.ts";

const ANOTHER_TABLE =
  "The table is not the one that was compared: it was exchanged, or made anew. Nothing was added; the next check compares it again";

/** @param uuid of the table that has the name now; null: none has, which what is sent to it will say @throws {Disproof} */
export function assertSameTable(uuid: string | null, { ownUuid }: Table): void {
  if (uuid !== null && uuid !== ownUuid) throw new Disproof(ANOTHER_TABLE);
}

/** @throws {Disproof} {SiteError} */
export async function proveSameTable(connection: Connection, table: Table): Promise<void> {
  const { uuid } = await connection.one<{ uuid: string | null }>(`SELECT ${uuidOf(table.id)} AS uuid`);
  assertSameTable(uuid, table);
}
