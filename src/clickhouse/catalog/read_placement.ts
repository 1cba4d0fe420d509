/** Asks the servers of this site's shards by which rule it spreads the rows of a table. */
import type { NativeAddress } from "../../model/settings.ts";
import { type Table, tableName } from "../../model/table.ts";
import { unquote } from "../../text/quoted.ts";
import type { Connection } from "../http/connection.ts";
import { decoded, text, wholeNumber } from "../http/decode.ts";
import { isDenied } from "../http/errors.ts";
import { unlessRefused } from "../http/unless_refused.ts";
import { sortingKeyHashes } from "../engines/merging_engine.ts";
import { destination, parseEngineClause, splitArguments } from "../sql/engine_clause.ts";
import { sql } from "../sql/layout.ts";
import {
  inOneOrder,
  isSteady,
  picksShards,
  type Placement,
  weighed,
  type WeighedNode,
} from "../sql/placement.ts";
import { qualified } from "../sql/quoting.ts";
import { rowHashes } from "../sql/rows_in_scope.ts";
import { UNSTEADY_FUNCTIONS, unsteadyNames } from "./stored_columns.ts";

const DISTRIBUTED = sql`
  SELECT database, name, engine_full
  FROM system.tables
  WHERE engine = 'Distributed' AND NOT is_temporary
  ORDER BY database, name
`;

const WEIGHTS = sql`
  SELECT cluster, toUInt64(shard_num) AS shard, toUInt64(max(shard_weight)) AS weight, toUInt64(max(is_local)) AS own
  FROM system.clusters
  GROUP BY cluster, shard_num
`;

/** What is the same for all tables of a check. */
export interface SpreadingRules {
  /** Keys that the shards have, those of the first one first, with their clusters, by the `tableName` of the table whose rows they spread. */
  readonly keys: ReadonlyMap<string, readonly { readonly cluster: string; readonly key: string }[]>;
  /** As each shard has them; none where ch-sync's user may not know. */
  readonly nodes: readonly (readonly WeighedNode[])[];
  readonly unsteady: ReadonlySet<string>;
}

/** @param shards in their order */
export async function readSpreadingRules(shards: readonly Connection[]): Promise<SpreadingRules> {
  type Row = { readonly database: string; readonly name: string; readonly engine_full: string };
  const [first] = shards as readonly [Connection];
  const [tables, functions, nodes] = await Promise.all([
    Promise.all(shards.map((shard) => shard.rows<Row>(DISTRIBUTED))),
    first.rows<{ readonly function: string }>(UNSTEADY_FUNCTIONS),
    Promise.all(shards.map(readWeights)),
  ]);
  const found = tables.flat().flatMap(({ database, engine_full }) => {
    const { engine } = parseEngineClause(engine_full);
    const [cluster, , , key] = splitArguments(engine.slice(engine.indexOf("(") + 1, -1));
    const to = destination(engine_full, database);
    return to === null || cluster === undefined || key === undefined
      ? []
      : [{ table: tableName(to), cluster: unquote(cluster.replace(/^'([^]*)'$/, "`$1`")), key }];
  });
  return {
    keys: Map.groupBy(found, ({ table }) => table),
    nodes,
    unsteady: unsteadyNames(functions.map((row) => row.function)),
  };
}

async function readWeights(connection: Connection): Promise<WeighedNode[]> {
  type Row = {
    readonly cluster: string;
    readonly shard: string;
    readonly weight: string;
    readonly own: string;
  };
  try {
    const rows = await connection.rows<Row>(WEIGHTS);
    return decoded(connection.site, () =>
      rows.map(({ cluster, shard, weight, own }) => ({
        cluster: text(cluster),
        shard: wholeNumber(shard),
        weight: wholeNumber(weight),
        own: wholeNumber(own) > 0,
      })));
  } catch (error) {
    if (isDenied(error)) return [];
    throw error;
  }
}

/**
 * Where this site would have put rows of a table: by the key of its first Distributed table over it, if that is one whose
 * shard can be told again, else by the hash of the row (of its key, where the engine merges rows), evenly.
 *
 * @param addresses of the shards, in their order
 * @throws where rows of a key are merged, and there is a Distributed table of which it cannot be told where it puts them
 */
export async function placementOf(
  connection: Connection,
  table: Table,
  { keys, nodes, unsteady }: SpreadingRules,
  addresses: readonly NativeAddress[],
): Promise<Placement> {
  // Rows that are alike in what is compared belong together, wherever each site's own values would put them.
  const apart = table.columns.filter(({ ignored }) => ignored).map(({ name }) => name);
  const rules = keys.get(tableName(table.id)) ?? [];
  for (const { cluster, key } of rules) {
    const places = weighed(cluster, nodes, addresses);
    if (places === null || !isSteady(key, unsteady) || apart.some((name) => key.includes(name))) continue;
    const type = await typeOf(connection, table, key);
    if (!picksShards(type)) continue;
    const placement = { addresses: places, key };
    // Which row of a key came last may be what is kept of it.
    return table.traits.mergesRows ? inOneOrder(placement, type) : placement;
  }
  if (table.traits.mergesRows && rules.length > 0) {
    // Anywhere else, later rows of a key would come to another shard than these.
    throw new Error(
      `${table.engine} merges rows of a key on one shard, and which one that is cannot be told by the Distributed table over ` +
        `${
          tableName(table.id)
        }: check that its sharding key is a whole number made of columns that are compared, that its cluster has ` +
        "just the shards that LOCAL_CH_URL names, and that ch-sync's user may read system.clusters at each of them; or exclude the table",
    );
  }
  // Where rows of a key are merged, they belong on one shard.
  return {
    addresses,
    key: table.traits.mergesRows ? sortingKeyHashes(table).city : rowHashes(table.columns).city,
  };
}

/** Empty where the table has not what the key names. */
async function typeOf(connection: Connection, { id }: Table, key: string): Promise<string> {
  const described = await unlessRefused(
    connection.rows<{ readonly type: string }>(
      `DESCRIBE TABLE (SELECT (${key}) AS _chsync_key FROM ${qualified(id)})`,
    ),
  );
  return described?.[0]?.type ?? "";
}
