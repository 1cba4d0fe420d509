/** The statements that ask how many parts a table has, and how many it bears. */
import type { PartLimits, PartLoad } from "../../model/part_load.ts";
import { type Table } from "../../model/table.ts";
import { ofTable } from "../catalog/parts.ts";
import { askTogether } from "../http/asked_together.ts";
import type { Connection } from "../http/connection.ts";
import { isDenied } from "../http/errors.ts";
import { splitArguments } from "../sql/engine_clause.ts";
import { literal } from "../sql/quoting.ts";

const NAMES = {
  delay: "parts_to_delay_insert",
  refuse: "parts_to_throw_insert",
  total: "max_parts_in_total",
} as const;

/** Where the server's own values may not be read: the lowest that a version of ClickHouse had by default. */
const LOWEST: PartLimits = { delay: 150, refuse: 300, total: 100_000 };

export async function readPartLoad(connection: Connection, table: Table): Promise<PartLoad> {
  const [limits, parts] = await Promise.all([
    readPartLimits(connection, table),
    askTogether<{ id: string; parts: string }>(
      connection,
      `SELECT partition_id AS id, count() AS parts FROM system.parts WHERE active AND ${ofTable(table.id)} ` +
        "AND NOT startsWith(partition_id, 'patch-') GROUP BY id",
    ),
  ]);
  return { limits, parts: new Map(parts.map(({ id, parts }) => [id, Number(parts)])) };
}

/** @throws {SiteError} */
export async function readPartLimits(
  connection: Connection,
  { engine, settings }: Table,
): Promise<PartLimits> {
  const own = new Map(
    splitArguments(settings ?? "").map((setting) => setting.split(" = ", 2) as [string, string]),
  );
  const servers = await serversLimits(connection, engine.startsWith("Replicated"));
  const limit = (key: keyof PartLimits) =>
    Number(own.get(NAMES[key]) ?? servers.get(NAMES[key]) ?? LOWEST[key]);
  return { delay: limit("delay"), refuse: limit("refuse"), total: limit("total") };
}

/** What a server says for all tables is asked once in a check, which has a connection of its own. */
const asked = new WeakMap<Connection, Map<boolean, Promise<Map<string, string>>>>();

function serversLimits(connection: Connection, replicated: boolean): Promise<Map<string, string>> {
  const known = asked.get(connection) ?? new Map();
  asked.set(connection, known);
  if (!known.has(replicated)) known.set(replicated, readServersLimits(connection, replicated));
  return known.get(replicated)!;
}

async function readServersLimits(connection: Connection, replicated: boolean): Promise<Map<string, string>> {
  const from = replicated ? "replicated_merge_tree_settings" : "merge_tree_settings";
  try {
    const rows = await connection.rows<{ name: string; value: string }>(
      `SELECT name, value FROM system.${from} WHERE name IN (${
        Object.values(NAMES).map(literal).join(", ")
      })`,
    );
    return new Map(rows.map(({ name, value }) => [name, value]));
  } catch (error) {
    if (isDenied(error)) return new Map();
    throw error;
  }
}
