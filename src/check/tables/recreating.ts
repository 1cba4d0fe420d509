/** Whether a table may be made anew like that of the active site, and what the operator is to know. */
import type { Remedies } from "../../model/drift.ts";
import type { Column, TablePair } from "../../model/table.ts";
import { shorten } from "../../text/readable.ts";
import { takesNoMore, takesNoMoreValues } from "./longer_ttl.ts";
import { widening } from "./widening.ts";

/** Engine and keys cannot be altered. The old table stays, whatever is done, under another name. */
export function recreating(pair: TablePair): Remedies {
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
