/** Asks one of several addresses of a site which server it is, and which tables it holds. */
import type { MemberServer, MemberTable } from "../../model/replica_pick.ts";
import type { Connection } from "../http/connection.ts";
import { decoded, text, wholeNumber } from "../http/decode.ts";
import { sql } from "../sql/layout.ts";
import { parseRun } from "../sql/server_run.ts";
import { SERVER_DATABASES } from "./catalog_statement.ts";
import { readRun } from "./read_server.ts";
import { serverFacts } from "./server_facts.ts";

/** Who it is, in a row of its own, and a row for each table. */
const MEMBER = sql`
  SELECT run AS database, id AS name, 'server' AS engine, version, now
  FROM (
    ${serverFacts(0)}
  )
  UNION ALL
  SELECT database, name, engine, '', toInt64(0)
  FROM system.tables
  WHERE (endsWith(engine, 'MergeTree') OR engine = 'Distributed') AND NOT is_temporary
    AND database NOT IN ${SERVER_DATABASES}
`;

interface MemberRow {
  readonly database: string;
  readonly name: string;
  readonly engine: string;
  readonly version: string;
  readonly now: string;
}

/** @param times how often it is asked which server it is, over a connection of its own each time */
export async function readMember(
  connection: Connection,
  url: string,
  times: number,
): Promise<{ readonly server: MemberServer; readonly tables: readonly MemberTable[] }> {
  const again = Array.from({ length: times - 1 }, () => readRun(connection));
  const [rows, ...others] = await Promise.all([connection.rows<MemberRow>(MEMBER), ...again]);
  return decoded(connection.site, () => {
    const own = rows.find(({ engine }) => engine === "server");
    if (!own) throw new TypeError("it does not say which server it is");
    const tables = rows.filter((row) => row !== own).map(({ database, name, engine }) => ({
      id: { database: text(database), name: text(name) },
      engine: text(engine),
    }));
    const [version, now, identity] = [text(own.version), wholeNumber(own.now), text(own.name)];
    const run = parseRun(own.database);
    const byTurns = others.some((other) => other !== run);
    return { server: { url, version, now, run, identity, byTurns }, tables };
  });
}
