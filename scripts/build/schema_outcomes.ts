/** What docs/schemas.md says of each product, from the outcomes that the tests hold. */
import { SETTINGS } from "../../src/config/table/table.ts";
import type { Outcome, SchemaFixture } from "../../test/support/schemas/fixture.ts";

/** What an operator who sets the variable must name again: the server's own databases stay excluded by themselves. */
const EXCLUDED = String(SETTINGS.find(({ name }) => name === "CH_EXCLUDE_PATTERNS")!.default).split(",")
  .filter((pattern) => !/^(?:system|information_schema)\./i.test(pattern));

/** The name of the markers between which a product's block stands. */
export function schemaMarker({ system }: SchemaFixture): string {
  return system.toLowerCase().replace(/[^a-z]+/g, "-");
}

/** The tables that come to the same end in one row, what the operator sets, and what then keeps FAILBACK READY away. */
export function schemaOutcomes({ outcomes, excludes, left, standby }: SchemaFixture): string {
  const rows = [...Map.groupBy(Object.entries(outcomes), ([, outcome]) => outcome.join("|"))].map((
    [, tables],
  ) => row(tables.map(([name]) => name), tables[0]![1]));
  const settings = excludes.length === 0
    ? []
    : ["", "```sh", `CH_EXCLUDE_PATTERNS=${[...EXCLUDED, ...excludes].join(",")}`, "```"];
  const blocking = [...Map.groupBy(Object.entries(left), ([, reason]) => reason)].map(([reason, tables]) =>
    `${tables.map(([name]) => code(name)).join(", ")} (${reason.split("; ").map(code).join(", ")})`
  );
  return [
    "| table | the check after an outage | both sites then | the next check |",
    "|---|---|---|---|",
    ...rows,
    ...settings,
    "",
    `${excludes.length > 0 ? "With this set, what" : "What"} keeps FAILBACK READY away: ${
      blocking.join("; ") || "nothing"
    }.`,
    ...standby === undefined ? [] : ["", alone(standby)],
  ].join("\n");
}

function alone(odd: Readonly<Record<string, string>>): string {
  const tables = Object.entries(odd).map(([name, words]) =>
    `${code(name)} (${words.replace(/^[a-z]+(?=$|:)/, code)})`
  );
  const rest = tables.length === 0 ? "everything" : `everything but ${tables.join(", ")}`;
  return `Where only the active site's writer writes, and nothing is excluded, ${rest} is the same at both sites after a check.`;
}

function row(names: readonly string[], [said, holds, then]: Outcome): string {
  const words = (text: string) =>
    text.split("; ").map((word) =>
      word.replace(/^[a-z]+$|^[a-z]+(?=, repaired)/, (reason) => `\`${reason}\``)
    ).join("; ");
  return `| ${names.map(code).join(", ")} | ${words(said)} | ${holds} | ${words(then)} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
