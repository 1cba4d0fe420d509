/** Asking the server at this site what it understands a view of its own to be. */
import type { FeedingView, ViewKind } from "../../model/derived_view.ts";
import type { Connection } from "../http/connection.ts";
import { SiteError } from "../http/errors.ts";
import { describeColumns, explainTree, viewKind } from "./view_kind.ts";

/** The tree is the analyzer's. */
const ANALYZER = { settings: { allow_experimental_analyzer: 1 as const } };

export interface ViewTree {
  readonly lines: readonly string[];
  /** Of the columns that the SELECT gives. */
  readonly names: readonly string[];
}

/** @param select of a view of this site, never text of the other one @throws {SiteError} */
export async function readTree(connection: Connection, select: string): Promise<ViewTree> {
  const tree = await connection.rows<{ explain: string }>(explainTree(select), ANALYZER);
  const columns = await connection.rows<{ name: string }>(describeColumns(select), ANALYZER);
  return { lines: tree.map(({ explain }) => explain), names: columns.map(({ name }) => name) };
}

/** Neither denied rights nor a view that the server itself no longer understands end a check. */
export async function readViewKind(
  connection: Connection,
  { source, view }: FeedingView,
  unsteady: ReadonlySet<string>,
): Promise<ViewKind> {
  const unknown = (why: string): ViewKind => ({
    kind: "unknown",
    why,
    names: [],
    steady: [],
    together: true,
  });
  if (view.select === "") return unknown("its SELECT is not shown");
  try {
    const { lines, names } = await readTree(connection, view.select);
    return viewKind(lines, names, source, unsteady);
  } catch (error) {
    if (!(error instanceof SiteError) || error.code === null) throw error;
    return unknown(`the server does not explain it (code ${error.code})`);
  }
}
