/** What kind a view is, told from the tree that the server makes of its SELECT (`EXPLAIN QUERY TREE passes = 1`). */
import type { ViewColumn, ViewKind } from "../../model/derived_view.ts";

/** A line of the tree, with the lines that are indented below it. */
interface Node {
  readonly text: string;
  readonly children: Node[];
}

/** What kind it is cannot be told. */
interface Unknown {
  readonly kind: "unknown";
  readonly why: string;
  /** Names of the columns that may be others at another moment. */
  readonly unsteady: readonly string[];
}

/** The first pass alone: later ones rewrite what they can, `sum(v * 2)` for one. */
export function explainTree(select: string): string {
  return `EXPLAIN QUERY TREE passes = 1 ${select}`;
}

/** The names of the columns that the SELECT gives, as the tree does not escape them. */
export function describeColumns(select: string): string {
  return `DESCRIBE TABLE (${select})`;
}

/**
 * @param lines of the tree
 * @param names of the columns, in their order
 * @param source `database.table` of what feeds the view
 * @param unsteady names, in small letters, of functions that are not known to answer always the same
 */
export function viewKind(
  lines: readonly string[],
  names: readonly string[],
  source: string,
  unsteady: ReadonlySet<string>,
): ViewKind {
  const [root, ...others] = grow(lines);
  const kind = !root || others.length > 0
    ? unknown("its statement is not one SELECT")
    : classify(root, names, source, unsteady);
  if (kind.kind !== "unknown") return kind;
  const drawn = [...kind.unsteady, ...root ? drawnColumns(root, names, unsteady) : []];
  const steady = names.filter((name) => !drawn.includes(name));
  return { kind: "unknown", why: kind.why, names, steady, together: putsTogether(lines) };
}

/**
 * Those that a function makes which may answer differently at another moment or with other rows, whatever else the SELECT does,
 * and wherever in it that function stands.
 */
function drawnColumns(root: Node, names: readonly string[], unsteady: ReadonlySet<string>): string[] {
  const given = projected(root);
  const sources = new Map(
    allNodes(root).flatMap((node) => {
      const id = /^(?:QUERY|UNION|ARRAY_JOIN) id: (\d+)/.exec(node.text)?.[1];
      return id === undefined ? [] : [[id, node] as const];
    }),
  );
  const drawn = (node: Node, path: ReadonlySet<Node>): boolean => {
    if (calls(node, unsteady) || overOthers(node) || node.children.some((child) => drawn(child, path))) {
      return true;
    }
    const source = sources.get(/^COLUMN id: .*, source_id: (\d+)$/.exec(node.text)?.[1] ?? "");
    if (source === undefined || path.has(source)) return false;
    return made(source, columnOf(node) ?? "").some((one) => drawn(one, new Set([...path, source])));
  };
  return names.filter((_, at) => given[at] && drawn(given[at], new Set([root])));
}

/** What a column of something that is read is made of: of a subquery, if just one has the name, its expression; else all of it. */
function made(source: Node, name: string): readonly Node[] {
  const columns = source.children.find(({ text }) => text === "PROJECTION COLUMNS")?.children ?? [];
  const [only, ...others] = projected(source).filter((_, at) => columns[at]?.text.startsWith(`${name} `));
  return only && others.length === 0 ? [only] : source.children;
}

function projected({ children }: Node): readonly Node[] {
  return listed(children.find(({ text }) => text === "PROJECTION")?.children ?? []);
}

function allNodes(node: Node): Node[] {
  return [node, ...node.children.flatMap(allNodes)];
}

/** Over rows that come together, of which there are others each time. */
function overOthers({ text }: Node): boolean {
  return ["aggregate", "window"].includes(FUNCTION.exec(text)?.[2] ?? "");
}

/** `arrayJoin` gives several rows for one, always the same. */
function calls({ text }: Node, unsteady: ReadonlySet<string>): boolean {
  const [, name = "", type] = FUNCTION.exec(text) ?? [];
  return type === "ordinary" && name !== "arrayJoin" && unsteady.has(name.toLowerCase());
}

function unknown(why: string, unsteady: readonly string[] = []): Unknown {
  return { kind: "unknown", why, unsteady };
}

/** Whether rows of one insert are put together, counted or chosen among, anywhere in the tree. */
const TOGETHER =
  /^\s*(?:GROUP BY|LIMIT|OFFSET|WINDOW|QUALIFY|ORDER BY)\b|function_type: (?:aggregate|window)|is_distinct/;

function putsTogether(lines: readonly string[]): boolean {
  return lines.some((line) => TOGETHER.test(line));
}

function grow(lines: readonly string[]): Node[] {
  const top: Node[] = [];
  const open: Node[] = [];
  for (const line of lines) {
    const bare = line.trimStart();
    if (bare === "") continue;
    const depth = (line.length - bare.length) / 2;
    const node: Node = { text: bare.trimEnd(), children: [] };
    (depth === 0 ? top : open[depth - 1]?.children ?? top).push(node);
    open[depth] = node;
    open.length = depth + 1;
  }
  return top;
}

/** What may stand in a SELECT without making its rows depend on each other. */
const CLAUSES = new Set(["PROJECTION COLUMNS", "PROJECTION", "JOIN TREE", "PREWHERE", "WHERE", "GROUP BY"]);
/** `id: 0`, and where a subquery is read, its names. */
const QUERY =
  /^QUERY id: \d+(?:, alias: \w+)?(?:, is_subquery: 1)?(?:, is_cte: 1, cte_name: [^,]+)?(?:, is_group_by_all: 1)?$/;

function classify(
  query: Node,
  names: readonly string[],
  source: string,
  unsteady: ReadonlySet<string>,
): Exclude<ViewKind, { kind: "unknown" }> | Unknown {
  if (!QUERY.test(query.text)) return unknown(`it is more than a SELECT with a WHERE (${shown(query.text)})`);
  const other = query.children.find(({ text }) => !CLAUSES.has(text));
  if (other) return unknown(`its SELECT has ${shown(other.text)}`);
  const clause = (name: string) => query.children.find(({ text }) => text === name)?.children ?? [];
  const from = readsFrom(clause("JOIN TREE"), source, unsteady);
  if (from !== null) return unknown(from);
  const groups = listed(clause("GROUP BY"));
  const given = listed(clause("PROJECTION"));
  if (given.length !== names.length) return unknown("its columns cannot be told");
  const expressions = [...given, ...groups, ...clause("WHERE"), ...clause("PREWHERE")];
  const wrong = expressions.map((node) => objection(node, unsteady)).find((why) => why !== null);
  if (wrong) return unknown(wrong, names.filter((_, at) => objection(given[at]!, unsteady) !== null));
  const grouped = groups.length > 0 || given.some(aggregates);
  const keys = new Set(groups.map(shape));
  const columns = given.map((node, index): ViewColumn => ({
    name: names[index]!,
    role: grouped ? keys.has(shape(node)) ? "key" : roleOf(node) : "plain",
    of: columnOf(aggregates(node) ? onlyArgument(node) : node),
  }));
  if (!grouped) return { kind: "rows", columns };
  const by = [...groups, ...clause("WHERE"), ...clause("PREWHERE")].flatMap(columnsIn);
  return { kind: "groups", columns, by: [...new Set(by)] };
}

function columnOf(node: Node | undefined): string | null {
  return /^COLUMN id: \d+, column_name: (.+), result_type: /.exec(node?.text ?? "")?.[1] ?? null;
}

function columnsIn(node: Node): string[] {
  return [...columnOf(node) === null ? [] : [columnOf(node)!], ...node.children.flatMap(columnsIn)];
}

function onlyArgument({ children }: Node): Node | undefined {
  const [argument, ...others] = listed(children.find(({ text }) => text === "ARGUMENTS")?.children ?? []);
  return others.length === 0 ? argument : undefined;
}

/** Null: of the source alone, row by row; else why not. */
function readsFrom(from: readonly Node[], source: string, unsteady: ReadonlySet<string>): string | null {
  const [node, ...others] = from;
  if (!node || others.length > 0) return "what it reads cannot be told";
  if (node.text.startsWith("TABLE ")) {
    const name = /^TABLE id: \d+,(?: alias: \w+,)? table_name: (.+)$/.exec(node.text)?.[1];
    return name === source ? null : `it reads ${shown(name ?? node.text)}`;
  }
  if (node.text.startsWith("ARRAY_JOIN ")) {
    const [table, joined] = node.children;
    if (table?.text !== "TABLE EXPRESSION" || joined?.text !== "JOIN EXPRESSIONS") {
      return "what it joins cannot be told";
    }
    return listed(joined.children).map((one) => objection(one, unsteady)).find((why) => why !== null) ??
      readsFrom(table.children, source, unsteady);
  }
  if (!node.text.startsWith("QUERY ")) return `it reads more than one table (${shown(node.text)})`;
  const columns = node.children.find(({ text }) => text === "PROJECTION COLUMNS")?.children ?? [];
  const inner = classify(node, columns.map(({ text }) => text), source, unsteady);
  if (inner.kind === "unknown") return inner.why;
  return inner.kind === "rows" ? null : "it reads rows that are put together already";
}

/** Lines that stand for a part of an expression. */
const PARTS = /^(?:LIST|COLUMN|CONSTANT|LAMBDA|FUNCTION) id: |^(?:ARGUMENTS|PARAMETERS|EXPRESSION)$/;
const FUNCTION = /^FUNCTION id: \d+,(?: alias: \w+,)? function_name: (.+?), function_type: (\w+)/;

/** Why a row alone, or a group of rows in any order, does not say what becomes of it; null: it does. */
function objection(node: Node, unsteady: ReadonlySet<string>): string | null {
  if (!PARTS.test(node.text)) return `its columns take more than a row (${shown(node.text)})`;
  if (node.text.startsWith("FUNCTION ")) {
    const [, name = "", type] = FUNCTION.exec(node.text) ?? [];
    if (type !== "ordinary" && type !== "aggregate") return `it calls ${shown(name)} over a window`;
    if (calls(node, unsteady)) {
      return `it calls ${shown(name)}, which may answer differently at each site`;
    }
  }
  return node.children.map((child) => objection(child, unsteady)).find((why) => why !== null) ?? null;
}

function aggregates(node: Node): boolean {
  return FUNCTION.exec(node.text)?.[2] === "aggregate" || node.children.some(aggregates);
}

function roleOf(node: Node): ViewColumn["role"] {
  const [, name = "", type] = FUNCTION.exec(node.text) ?? [];
  return type === "aggregate" ? { aggregate: name } : "other";
}

/** The elements of the one list that stands below a clause; the expression itself where there is none. */
function listed(nodes: readonly Node[]): readonly Node[] {
  const [list] = nodes;
  return list?.text.startsWith("LIST ") && nodes.length === 1 ? list.children : nodes;
}

/** The expression without the numbers of its parts: the same for the same expression. */
function shape({ text, children }: Node): string {
  const bare = text.replace(/^(\w+) id: \d+/, "$1").replace(/, source_id: \d+$/, "");
  return `${bare}(${children.map(shape).join(",")})`;
}

function shown(text: string): string {
  return text.slice(0, 60);
}
