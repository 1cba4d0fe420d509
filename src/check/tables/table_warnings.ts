/** What the operator is warned of about a table that is compared: none of it forbids a repair. */
import type { Finding } from "../../model/report.ts";
import type { TimeColumn } from "../../model/settings.ts";
import type { Table, TablePair } from "../../model/table.ts";
import { QUOTED_NAME } from "../../text/quoted.ts";
import { shorten } from "../../text/readable.ts";
import { ignoredColumns } from "./ignored_columns.ts";
import { normalForm } from "./normal_form.ts";
import { sameExpression, sameSettings } from "./same_expression.ts";
import { saidOf } from "./time_axis.ts";

/**
 * One sentence for each kind of difference between the two definitions that should not be there: TTL, columns' codecs and comments, indices, projections, constraints,
 * settings; and one for each column that is not compared by its values.
 */
export function definitionWarnings(pair: TablePair): string[] {
  const { here, there, ttlStatement } = pair;
  const ignored = ignoredColumns(pair);
  const shown = (text: string | null) => text === null ? "none" : shorten(text);
  const compare = (what: string, same: boolean, valueHere: string | null, valueThere: string | null) =>
    same ? [] : [`the ${what} differs: ${shown(valueHere)} here, ${shown(valueThere)} at the active site`];
  const names = differingElements(here.elements, there.elements);
  return [
    ...ignored.length === 0 ? [] : [
      `not compared, as IGNORE_COLUMNS says: ${
        shorten(ignored.join(", "))
      }; each site may hold other values of it`,
    ],
    ...compare("TTL", sameExpression(here.ttl ?? "", there.ttl ?? ""), here.ttl, there.ttl).map((text) =>
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
    ...compare(
      "list of settings",
      sameSettings(here.settings, there.settings),
      here.settings,
      there.settings,
    ),
    ...here.columns.filter(({ comparedAs }) => comparedAs === "text").map(({ name, type }) =>
      `column ${name} is compared by its text: the two servers hash ${type} differently`
    ),
  ];
}

function differingElements(here: readonly string[], there: readonly string[]): ReadonlySet<string> {
  const byForm = (elements: readonly string[]) =>
    new Map(elements.map((element) => [normalForm(element), elementName(element)]));
  // Most stand in both to the letter, and need no form.
  const besides = (elements: readonly string[], others: readonly string[]) =>
    elements.filter((element) => !others.includes(element));
  const [formsHere, formsThere] = [byForm(besides(here, there)), byForm(besides(there, here))];
  const lacking = (forms: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>) =>
    [...forms].flatMap(([form, name]) => others.has(form) ? [] : [name]);
  return new Set([...lacking(formsHere, formsThere), ...lacking(formsThere, formsHere)]);
}

const ELEMENT = new RegExp(String.raw`^(?:(INDEX|PROJECTION|CONSTRAINT|PRIMARY KEY) )?(${QUOTED_NAME}|\S+)`);

/** What an element of a definition is called: `INDEX i`, `PROJECTION p`, `CONSTRAINT c`, or `column c`. */
function elementName(element: string): string {
  const [, kind, name] = ELEMENT.exec(element) ?? [];
  return `${kind ?? "column"} ${name ?? element}`;
}

/** Entries of TIME_COLUMNS that no column of any table has the name of: a slip of the pen, most of the time. */
export function unknownTimeColumns(
  tables: Iterable<Pick<Table, "id" | "columns">>,
  timeColumns: readonly TimeColumn[],
): string[] {
  const all = [...tables];
  const named = (one: TimeColumn) =>
    all.some((table) => table.columns.some((column) => saidOf(table, column, [one]) !== undefined));
  return timeColumns.filter((one) => !named(one)).map(({ pattern }) =>
    `TIME_COLUMNS names ${pattern}, and no table of this site has such a column: correct it, or take it out`
  );
}

/** What only shows in what was found. */
export function findingWarnings(pair: TablePair, found: readonly Finding[], hasRows: boolean): string[] {
  const noPartitions = pair.here.partitionKey === "" && hasRows;
  return [
    ...deleteWarnings(pair, found),
    ...(noPartitions
      ? ["the table has no partition key, so all of it is searched for any difference; partition it by day"]
      : []),
  ];
}

/**
 * Finished `ALTER … DELETE` mutations on record that may explain it: rows that were deleted on purpose at one site only come
 * back from the other.
 */
function deleteWarnings({ here, there }: TablePair, findings: readonly Finding[]): string[] {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const erase = "to erase rows for good, erase them at both sites (see docs/erasing-data.md)";
  return [
    ...(here.deletedAt > 0 && findings.some(({ missing }) => missing > 0n)
      ? [
        `an ALTER … DELETE of ${
          at(here.deletedAt)
        } removed rows here. Those that the active site still has are missing ` +
        `like any others, and a repair brings them back; ${erase}`,
      ]
      : []),
    ...(there.deletedAt > 0 && findings.some(({ surplus }) => surplus > 0n)
      ? [
        `an ALTER … DELETE of ${
          at(there.deletedAt)
        } removed rows at the active site. Those that are here stay, and go ` +
        `back there once this site is the active one; ${erase}`,
      ]
      : []),
  ];
}
