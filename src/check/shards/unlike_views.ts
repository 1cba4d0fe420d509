/** Views that are not the same on all shards of a site: what they make of the rows of one shard, they do not make of another's. */
import { type Catalog, type MaterializedView, tableName } from "../../model/table.ts";
import type { Side } from "../replicas/believe.ts";
import { normalForm } from "../tables/normal_form.ts";
import { withoutOwnIds } from "../tables/own_ids.ts";
import { SITE_OF } from "./site_words.ts";

/** Of the tables that such views read and fill, why. Views of what keeps no rows may well be on one shard only. */
export function unlikeViews(shards: readonly Catalog[], side: Side): Map<string, string> {
  const found = new Map<string, string>();
  const sources = new Set(shards.flatMap(({ tables }) => [...tables.keys()]));
  for (const source of sources) {
    const feeds = shards.map(({ tables }) => (tables.get(source)?.feeds ?? []).map(tableName));
    for (const name of new Set(feeds.flat())) {
      const views = shards.map(({ views }, at) => feeds[at]!.includes(name) ? views.get(name) ?? null : null);
      const texts = views.map((view) =>
        view && JSON.stringify([targetOf(view), view.refreshable, normalForm(withoutOwnIds(view.select))])
      );
      const [first] = texts;
      const at = first === null ? 0 : texts.findIndex((text) => text !== first);
      if (at < 0 || texts.every((text) => text === null)) continue;
      const why = `the view ${name} on shard ${at + 1} of ${
        SITE_OF[side].name
      } is not like that on others, or not there: create the same one on every shard`;
      for (const table of [source, ...views.flatMap((view) => view ? [tableName(view.target)] : [])]) {
        found.set(table, why);
      }
    }
  }
  return found;
}

/** What a view keeps its rows in by itself has another name on each shard. */
function targetOf({ target }: MaterializedView): string {
  return /^\.inner(_id)?\./.test(target.name) ? "" : tableName(target);
}
