/** Objects other than tables that a site needs just as much once it is the active one. */
import type { Catalog, SiteObject } from "../../model/table.ts";
import { withoutOwnIds } from "./own_ids.ts";
import { sameExpression } from "./same_expression.ts";
import { isExcluded } from "./select_tables.ts";

/** Names in one warning, at most. */
const NAMED = 20;

/** What to do about those of each kind. */
const ADVICE: Readonly<Record<string, string>> = {
  "materialized view": "create them here, so that they are fed after a failback",
  "row policy": "create them here, or users will see other rows after a failback",
};

/** Materialized views as objects like the others. */
export function materializedViews({ views }: Catalog): SiteObject[] {
  return [...views.keys()].map((name) => ({ kind: "materialized view", name }));
}

/** One sentence for each kind of which the active site has objects that this one lacks. */
export function missingObjects(
  here: readonly SiteObject[],
  there: readonly SiteObject[],
  excludePatterns: readonly string[],
): string[] {
  const present = new Set(here.map(({ kind, name }) => `${kind} ${name}`));
  const missing = there.filter(({ kind, name }) =>
    !present.has(`${kind} ${name}`) && !isExcluded(name, excludePatterns)
  );
  return [...Map.groupBy(missing, ({ kind }) => kind)].map(([kind, objects]) => {
    const names = objects.map(({ name }) => name).sort();
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    const advice = ADVICE[kind] ?? "create them here too";
    return `At the active site only, ${kind}: ${names.slice(0, NAMED).join(", ")}${more}; ${advice}`;
  });
}

/** Views of both sites whose statements differ, so that they make different rows of the same ones. */
export function differingViews(here: Catalog, there: Catalog, excludePatterns: readonly string[]): string[] {
  return [...there.views].flatMap(([name, viewThere]) => {
    const viewHere = here.views.get(name);
    if (!viewHere || isExcluded(name, excludePatterns)) return [];
    if (sameExpression(withoutOwnIds(viewHere.createQuery), withoutOwnIds(viewThere.createQuery))) return [];
    return [
      `View ${name} is defined differently at the two sites, so the tables it fills differ: compare SHOW CREATE TABLE`,
    ];
  });
}
