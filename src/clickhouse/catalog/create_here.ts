/** Creating a table of the other site, whatever version created it there. */
import type { Catalog, Table } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { SiteError } from "../http/errors.ts";
import type { OwnSettings } from "../foreign/create_table.ts";
import { consent, createTable, foreseenConsent, unknownConsent } from "./definitions.ts";

/** The statements for an operator of a server of this version; none where the definition is not taken, which creating it says. */
export function shownStatements(table: Table, here: Catalog, version: string): string[] {
  try {
    return createTable(table, here, foreseenConsent(table, version));
  } catch (error) {
    if (error instanceof SiteError) return [];
    throw error;
  }
}

/** @throws {SiteError} if it is not created, also once the server was told what it wants to be told */
export async function createHere(connection: Connection, table: Table, here: Catalog): Promise<void> {
  const send = async (settings: OwnSettings) => {
    for (const statement of createTable(table, here, settings)) await connection.command(statement);
  };
  try {
    await send({ without: unknownConsent(connection.oldVersion) });
  } catch (error) {
    const more = consent(table, error);
    if (more === null) throw error;
    await send({ more: [more] });
  }
}
