/** Differences between two definitions that do not forbid a repair, but should not be there. */
import { shorten } from "../../text/readable.ts";
import type { TablePair } from "../../model/table.ts";

/**
 * One sentence for each kind of difference: TTL, columns' codecs and comments, indices, projections, constraints,
 * settings.
 *
 * @param ttlStatement that would fix a difference of the TTL; null: none can be run as it is, or without harm
 */
export function definitionWarnings({ here, there }: TablePair, ttlStatement: string | null): string[] {
  const shown = (text: string | null) => text === null ? "none" : shorten(text);
  const compare = (what: string, valueHere: string | null, valueThere: string | null) =>
    valueHere === valueThere
      ? []
      : [`the ${what} differs: ${shown(valueHere)} here, ${shown(valueThere)} at the active site`];
  const differing = new Set(here.elements).symmetricDifference(new Set(there.elements));
  const names = new Set([...differing].map(elementName));
  return [
    ...compare("TTL", here.ttl, there.ttl).map((text) =>
      ttlStatement === null
        ? `${text}; no statement is printed, as it might delete rows that are here: look at them, and give both sites the same`
        : `${text}. To fix it here: ${ttlStatement}`
    ),
    ...(names.size > 0
      ? [
        `the definitions differ here and at the active site in ${
          shorten([...names].sort().join(", "))
        }; compare SHOW CREATE TABLE`,
      ]
      : []),
    ...compare("list of settings", here.settings, there.settings),
  ];
}

/** What an element of a definition is called: `INDEX i`, `PROJECTION p`, `CONSTRAINT c`, or `column c`. */
function elementName(element: string): string {
  const [, kind, name] =
    /^(?:(INDEX|PROJECTION|CONSTRAINT|PRIMARY KEY) )?(`(?:[^`\\]|\\[^])*`|\S+)/.exec(element) ?? [];
  return `${kind ?? "column"} ${name ?? element}`;
}
