/** Differences of two definitions that forbid no repair, but should not be there. */
import { shorten } from "../../text/readable.ts";
import type { TablePair } from "../../model/table.ts";

/**
 * One sentence for each kind of difference: TTL, columns' codecs and comments, indices, projections, constraints,
 * settings.
 *
 * @param ttlStatement that would mend a difference of the TTL; null: none that could be run as it is
 */
export function definitionWarnings({ here, there }: TablePair, ttlStatement: string | null): string[] {
  const shown = (text: string | null) => text === null ? "none" : shorten(text);
  const say = (what: string, mine: string | null, theirs: string | null) =>
    mine === theirs ? [] : [`the ${what} differs: ${shown(mine)} here, ${shown(theirs)} on the active site`];
  const [mine, theirs] = [new Set(here.elements), new Set(there.elements)];
  const names = new Set([...mine.symmetricDifference(theirs)].map(elementName));
  return [
    ...say("TTL", here.ttl, there.ttl).map((text) =>
      ttlStatement === null ? text : `${text}. To fix it here: ${ttlStatement}`
    ),
    ...(names.size > 0
      ? [
        `the definitions differ here and on the active site in ${
          shorten([...names].sort().join(", "))
        }; compare SHOW CREATE TABLE`,
      ]
      : []),
    ...say("list of settings", here.settings, there.settings),
  ];
}

/** What an element of a definition is called: `INDEX i`, `PROJECTION p`, `CONSTRAINT c`, or `column c`. */
function elementName(element: string): string {
  const [, kind, name] =
    /^(?:(INDEX|PROJECTION|CONSTRAINT|PRIMARY KEY) )?(`(?:[^`\\]|\\[^])*`|\S+)/.exec(element) ?? [];
  return `${kind ?? "column"} ${name ?? element}`;
}
