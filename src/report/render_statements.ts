/** Statements as an operator reads them, who may want to run one by hand: each is to be copied as it stands. */
import type { Repair } from "../model/repair.ts";

/** How far statements are indented: further than anything else of a report, so that none passes for a line of it. */
const INDENT = "    ";

/** Lines of statements, each of which may be of several. */
export function renderStatements(statements: readonly string[]): string[] {
  return statements.flatMap((statement) => `${statement};`.split("\n")).map((line) => INDENT + line);
}

/**
 * Lines of a repair, with a comment before each step. What is proven between them is no statement, and whoever runs them
 * by hand should know of it.
 *
 * @param statements in order: those that make and fill the staging table, one that brings its rows in, one that drops it
 */
export function renderRepair(statements: readonly string[], method: Repair["method"]): string[] {
  const [staging, [bringIn = "", drop = ""]] = [statements.slice(0, -2), statements.slice(-2)];
  return [
    comment("stage: copy what is missing into a table of its own"),
    ...renderStatements(staging),
    comment(
      "prove: what is staged must be exactly what is missing, and the partition here as it was compared",
    ),
    ...BRING_IN[method].map(comment),
    ...renderStatements([bringIn]),
    comment("clean up"),
    ...renderStatements([drop]),
  ];
}

function comment(text: string): string {
  return `${INDENT}-- ${text}`;
}

const BRING_IN: Readonly<Record<Repair["method"], readonly string[]>> = {
  attach: ["attach: all of it at once, by hard links"],
  insert: [
    "insert: like new rows, so that they pass through the views of the table; they are attached past the views instead",
    "where the targets of the views hold already what the views would make of them",
  ],
  replace: ["replace: in place of what is here, which is kept aside first"],
};
