/** What may be done about drift without losing a value, and what is only told. */
import type { Drift, Remedies, Remedy } from "../../model/drift.ts";
import type { Column, TablePair } from "../../model/table.ts";
import { shorten } from "../../text/readable.ts";
import { sameColumn } from "./same_expression.ts";
import { takesNoMore, takesNoMoreValues } from "./longer_ttl.ts";
import { mayGrowInKey, widening } from "./widening.ts";

/**
 * A remedy is proposed only if it is known to be harmless: adding columns, types that hold all values of the one that is here,
 * names. Nothing is dropped, and no type made narrower; that is told.
 *
 * @param lacking names of columns that some part of this site's table has no values of, as they were added later
 */
export function findRemedies(
  pair: TablePair,
  drifts: readonly Drift[],
  lacking: ReadonlySet<string>,
): Remedies {
  if (drifts.some(({ kind }) => kind === "key_differs")) return recreate(pair);
  const missing = drifts.flatMap((drift) => drift.kind === "column_missing_here" ? [drift.column] : []);
  const onlyHere = drifts.flatMap((drift) => drift.kind === "column_only_here" ? [drift.column] : []);
  const remedies: Remedy[] = [];
  const advice: string[] = [];
  const renamed = new Set<Column>();
  for (const column of missing) {
    const others = missing.filter((other) => sameDefinition(other, column));
    const candidates = onlyHere.filter((other) => sameDefinition(other, column));
    const [only] = candidates;
    if (only === undefined) remedies.push({ kind: "add", column });
    else if (candidates.length === 1 && others.length === 1) {
      renamed.add(only);
      if (isInPlaceOf(pair, only, column)) {
        remedies.push({ kind: "rename_or_add", here: only, there: column });
      } else remedies.push({ kind: "add", column });
      advice.push(
        `perhaps ${only.name} is called ${column.name} at the active site since: then rename it here (RENAME COLUMN), ` +
          `and its values stay; else add ${column.name}, and keep ${only.name} until you have looked at its values`,
      );
    } else {
      const names = candidates.map(({ name }) => name).join(", ");
      for (const one of candidates) renamed.add(one);
      advice.push(
        `${column.name} may be a new name of one of ${names}: look there which (system.mutations), and rename it here ` +
          `(RENAME COLUMN); add ${column.name} only if it is none of them`,
      );
    }
  }
  for (const { name } of onlyHere.filter((column) => !renamed.has(column))) {
    advice.push(
      `no statement drops ${name}, which holds values that only this site has: add it at the active site, or drop it ` +
        "yourself once you have looked at them",
    );
  }
  for (const drift of drifts) {
    if (drift.kind !== "column_differs") continue;
    const found = alter(drift.here, drift.there, pair, lacking);
    remedies.push(...found.remedies);
    advice.push(...found.advice);
  }
  return { remedies, advice };
}

function sameDefinition(a: Column, b: Column): boolean {
  return sameColumn(a, b);
}

/** A renamed column keeps its place among the others; one that was added usually stands behind them. */
function isInPlaceOf({ here, there }: TablePair, a: Column, b: Column): boolean {
  const before = (columns: readonly Column[], column: Column, others: readonly Column[]) => {
    const names = new Set(others.map(({ name }) => name));
    const shared = columns.slice(0, columns.findIndex(({ name }) => name === column.name));
    return shared.filter(({ name }) => names.has(name)).at(-1)?.name;
  };
  return before(here.columns, a, there.columns) === before(there.columns, b, here.columns);
}

function alter(here: Column, there: Column, pair: TablePair, lacking: ReadonlySet<string>): Remedies {
  const { name } = here;
  const told = (text: string): Remedies => ({ remedies: [], advice: [text] });
  const sameDefault = sameColumn({ ...here, type: there.type }, there);
  const holds = widening(here.type, there.type);
  if (holds === null) {
    return told(
      widening(there.type, here.type)
        ? `no statement makes ${name} narrower here: give the active site's the type ${
          shorten(here.type)
        }, which holds the values of both`
        : `no statement changes ${name}, as ${shorten(there.type)} does not hold every value of ${
          shorten(here.type)
        }: look at its values, and ` +
          "give both sites a type that holds them all",
    );
  }
  const inKey = here.inPartitionKey || here.inSortingKey || isVersion(pair, name);
  if (here.type !== there.type && inKey && !mayGrowInKey(here.type)) {
    return told(
      `${name} is in a key, whose type cannot be altered: make a table anew with it, and compare before you drop the old one`,
    );
  }
  const stored = (kind: string) => kind === "" || kind === "DEFAULT";
  if (!stored(here.defaultKind) || !stored(there.defaultKind)) {
    return told(
      `no statement is printed for ${name}, as one site computes it: look at its values, and give both the same definition`,
    );
  }
  if ((!sameDefault || here.defaultExpression !== "" || holds === "stored") && lacking.has(name)) {
    return told(
      `some parts here have no values of ${name}, as it was added later, and read its default, which a change would change: ` +
        "merge them first (OPTIMIZE TABLE … FINAL), so that they store them",
    );
  }
  return {
    remedies: [
      ...here.type === there.type ? [] : [{ kind: "widen", there } as const],
      ...sameDefault ? [] : [{ kind: "set_default", there } as const],
    ],
    advice: [],
  };
}

function isVersion({ here: { mergeRule } }: TablePair, name: string): boolean {
  return mergeRule.kind === "replace" && mergeRule.version === name;
}

/**
 * Engine and keys cannot be altered: the table may be made anew like that of the active site. The old one stays, whatever is
 * done, under another name.
 */
function recreate(pair: TablePair): Remedies {
  const obstacle = findObstacle(pair);
  const advice = obstacle === null
    ? "that cannot be altered: pause the collectors and recreate the table like that of the active site (what arrives in " +
      "between stays in the old table, which gets the name that ends in _recreated): compare the two before you drop the old one"
    : `that cannot be altered, and no statements are printed to recreate the table, as ${obstacle}: make a table like that of ` +
      "the active site yourself, and look at what it does not hold before you drop the old one";
  return { remedies: obstacle === null ? [{ kind: "recreate" }] : [], advice: [advice] };
}

/** Why rows of this site's table might not all be as they are in one like the active site's; null: they would be. */
function findObstacle({ here, there }: TablePair): string | null {
  if (/^(?:Replicated|Shared)/.test(here.engine) || /^(?:Replicated|Shared)/.test(there.engine)) {
    return "it is replicated";
  }
  if (here.id.name.startsWith(".inner")) return "it belongs to a view";
  if (there.mergeRule.kind !== "keep") return `${there.engine} puts rows of equal keys together`;
  if (!takesNoMore(there, here) || !takesNoMoreValues(there, here)) {
    return "the TTL of the active site takes rows or values that this site's own keeps";
  }
  const thereByName = new Map(there.columns.map((column) => [column.name, column]));
  for (const column of here.columns.filter(isStored)) {
    const other = thereByName.get(column.name);
    if (!other || !isStored(other)) return `${column.name} holds values here, and not at the active site`;
    if (widening(column.type, other.type) === null) {
      return `${column.name} is ${
        shorten(other.type)
      } at the active site, which does not hold every value of ${shorten(column.type)}`;
    }
  }
  return null;
}

function isStored({ defaultKind }: Column): boolean {
  return defaultKind !== "ALIAS" && defaultKind !== "EPHEMERAL";
}
