/** The databases of several shards as those of one site. */
import type { Catalog } from "../../model/table.ts";
import type { Side } from "../replicas/believe.ts";
import { SITE_OF } from "./site_words.ts";

/** In which less can be done than in one of engine Atomic, the most hindering first. */
const HINDERING = ["Replicated", "Lazy", "Ordinary"];

/**
 * Every database that any shard has, with the engine that hinders most: what a shard does not let be done is done on none. Those that
 * are not alike on all shards are told of by name.
 *
 * @param shards the databases of each
 */
export function addDatabases(
  shards: readonly Catalog["databases"][],
  side: Side,
): Required<Pick<Catalog, "databases" | "unequalDatabases">> {
  const databases = new Map<string, string>();
  const unequalDatabases = new Map<string, string>();
  for (const name of new Set(shards.flatMap((shard) => [...shard.keys()]))) {
    const engines = shards.map((shard) => shard.get(name) ?? null);
    const known = engines.filter((engine) => engine !== null);
    const most = HINDERING.find((engine) => known.includes(engine)) ??
      known.find((engine) => engine !== "Atomic") ?? "Atomic";
    databases.set(name, most);
    if (new Set(engines).size === 1) continue;
    const each = engines.map((engine, at) =>
      engine === null ? `not on shard ${at + 1}` : `of engine ${engine} on shard ${at + 1}`
    );
    unequalDatabases.set(name, `database ${name} of ${SITE_OF[side].name} is ${each.join(", ")}`);
  }
  return { databases, unequalDatabases };
}
