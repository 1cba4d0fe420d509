/** Targets that the views of the two sites do not fill alike: what is in them cannot be held against each other. */
import { type Catalog, tableName, type TablePair } from "../../model/table.ts";
import type { Unprovable } from "../tables/discovery.ts";
import { normalForm } from "../tables/normal_form.ts";
import { withoutOwnIds } from "../tables/own_ids.ts";
import { feedingViews, viewSources } from "./derived_tables.ts";
import { counted } from "../../text/readable.ts";

/** Derived tables that other tables fill on one site, or other views, or another number of them. */
export function driftedViews(
  derived: ReadonlySet<string>,
  here: Catalog,
  there: Catalog,
  pairs: ReadonlyMap<string, TablePair>,
): Map<string, Unprovable> {
  const found = new Map<string, Unprovable>();
  const [sources, sourcesThere] = [viewSources(here), viewSources(there)];
  const [views, viewsThere] = [feedingViews(here), feedingViews(there)];
  const nameHere = new Map([...pairs.values()].map(({ name, there }) => [tableName(there.id), name]));
  for (const name of derived) {
    const pair = pairs.get(name);
    const other = pair ? tableName(pair.there.id) : name;
    const theirs = new Set(
      [...sourcesThere.get(other) ?? []].map((source) => nameHere.get(source) ?? source),
    );
    const mine = sources.get(name) ?? new Set<string>();
    const [onlyHere, onlyThere] = [[...mine.difference(theirs)], [...theirs.difference(mine)]];
    const say = (list: string[], where: string) =>
      list.length === 0 ? [] : [`views fill it from ${list.sort().join(", ")} ${where} only`];
    const drift = [...say(onlyHere, "here"), ...say(onlyThere, "at the active site")].join("; ");
    if (drift !== "") {
      found.set(name, { cause: "drifted", detail: `${drift}: create the same views at both sites` });
      continue;
    }
    const statements = (all: typeof views, target: string) =>
      (all.get(target) ?? []).map(({ view }) => normalForm(withoutOwnIds(view.select))).sort();
    const [inHere, inThere] = [statements(views, name), statements(viewsThere, other)];
    if (inHere.length === inThere.length && inHere.every((select, at) => select === inThere[at])) continue;
    const detail = inHere.length === inThere.length
      ? "a view that fills it selects something else here than at the active site: compare SHOW CREATE TABLE, and create " +
        "the same view at both sites"
      : `${
        counted(inHere.length, "view fills", "views fill")
      } it here, ${inThere.length} at the active site: create the same views at both sites`;
    found.set(name, { cause: "drifted", detail });
  }
  return found;
}
