/** Reading the engine clause that `system.tables.engine_full` prints, such as `MergeTree ORDER BY ts TTL …`. */
import type { DeleteTtl } from "../../model/scope.ts";
import { QUOTED_NAME, unquote } from "../../text/quoted.ts";

/** The clause, cut at its keywords. Texts are as ClickHouse printed them, without the keyword. */
export interface EngineClause {
  /** Name and arguments: `ReplacingMergeTree(version)`. */
  readonly engine: string;
  /** From PARTITION BY to the last key, without TTL and SETTINGS. */
  readonly keys: string;
  /** Null: no TTL. */
  readonly ttl: string | null;
  /** Without the keyword, as in `index_granularity = 8192`; null: none. */
  readonly settings: string | null;
}

const CLAUSES = / (PARTITION BY|PRIMARY KEY|ORDER BY|SAMPLE BY|UNIQUE KEY|TTL|SETTINGS|COMMENT) /y;

/** Cuts the clause at the keywords that stand outside of brackets and quotes. */
export function parseEngineClause(engineFull: string): EngineClause {
  const cuts: { keyword: string; at: number; from: number }[] = [];
  for (const at of outerPositions(engineFull, " ")) {
    CLAUSES.lastIndex = at;
    const keyword = CLAUSES.exec(engineFull)?.[1];
    if (keyword) cuts.push({ keyword, at, from: CLAUSES.lastIndex });
  }
  const text = (keyword: string) => {
    const index = cuts.findIndex((cut) => cut.keyword === keyword);
    return index < 0 ? null : engineFull.slice(cuts[index]!.from, cuts[index + 1]?.at).trim();
  };
  const firstKey = cuts[0]?.at ?? engineFull.length;
  const afterKeys = cuts.find(({ keyword }) => ["TTL", "SETTINGS", "COMMENT"].includes(keyword))?.at;
  return {
    engine: engineFull.slice(0, firstKey).trim(),
    keys: engineFull.slice(firstKey, afterKeys).trim(),
    ttl: text("TTL"),
    settings: text("SETTINGS"),
  };
}

/** The rules of a TTL clause that delete rows; those that move or recompress them lose none. */
export function deleteTtls(ttl: string | null): DeleteTtl[] {
  return rulesOf(ttl).flatMap(({ expression, action }): DeleteTtl[] => {
    if (action === null || action === "DELETE") return [{ expression, where: null }];
    const where = /^(?:DELETE )?WHERE (.*)$/s.exec(action)?.[1] ?? null;
    return where === null ? [] : [{ expression, where }];
  });
}

/** The rules that put rows together (GROUP BY), as if all rows past their time were taken. */
export function groupTtls(ttl: string | null): DeleteTtl[] {
  return rulesOf(ttl).filter(({ action }) => action !== null && /^(?:WHERE .*)?GROUP BY /s.test(action))
    .map(({ expression }) => ({ expression, where: null }));
}

function rulesOf(ttl: string | null): { readonly expression: string; readonly action: string | null }[] {
  return ttl === null ? [] : ttlRules(ttl).map((rule) => {
    const [expression = "", action = null] = splitOuter(
      rule,
      / (?=(?:DELETE|TO|RECOMPRESS|GROUP BY|WHERE)\b)/y,
      2,
    );
    return { expression, action };
  });
}

/** Commas stand between rules and also within one: `… GROUP BY a, b SET x = max(x), y = min(y)`. */
function ttlRules(ttl: string): string[] {
  const rules: string[][] = [];
  const assignment = new RegExp(`^${NAME} = `);
  let inKeys = false;
  for (const piece of splitOuter(ttl, /,/y)) {
    const last = rules.at(-1);
    if (last && (inKeys || assignment.test(piece))) last.push(piece);
    else {
      rules.push([piece]);
      inKeys = false;
    }
    inKeys = (inKeys || splitOuter(piece, / GROUP BY /y).length > 1) &&
      splitOuter(piece, / SET /y).length === 1;
  }
  return rules.map((pieces) => pieces.join(", "));
}

/** What stands between the commas of a list of arguments, such as `a, f(b, c)`. */
export function splitArguments(list: string): string[] {
  return splitOuter(list, /,/y);
}

/** Cuts `text` where `separator` (sticky, one character first) matches outside of brackets and quotes, into at most `limit` pieces. */
function splitOuter(text: string, separator: RegExp, limit = Infinity): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const at of outerPositions(text, separator.source[0])) {
    separator.lastIndex = at;
    if (at < from || pieces.length + 1 >= limit || !separator.test(text)) continue;
    pieces.push(text.slice(from, at).trim());
    from = separator.lastIndex;
  }
  return [...pieces, text.slice(from).trim()];
}

/** A name as ClickHouse prints it, quoted where it must be. */
const NAME = String.raw`(${QUOTED_NAME}|[A-Za-z_]\w*)`;

/** Positions in `text` that are outside of brackets and of '…', `…` and "…"; of `wanted` alone, where one character is looked for. */
function* outerPositions(text: string, wanted?: string): Generator<number> {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (depth === 0 && (wanted === undefined || char === wanted)) yield at;
    if (char === "(" || char === "[" || char === "{") depth++;
    else if (char === ")" || char === "]" || char === "}") depth--;
    else if (char === "'" || char === "`" || char === '"') at = quoteEnd(text, at);
  }
}

/** The position of the quote that ends the one at `start`; doubled and backslashed ones do not. */
function quoteEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === text[start]) {
      if (text[at + 1] !== text[start]) return at;
      at++;
    }
  }
  return text.length;
}

/** What stands between the first brackets of a `CREATE TABLE`, cut at its commas. */
export function definitionElements(createQuery: string): string[] {
  for (const at of outerPositions(createQuery, "(")) {
    const [, end = createQuery.length - at] = outerPositions(createQuery.slice(at));
    return splitArguments(createQuery.slice(at + 1, at + end - 1));
  }
  return [];
}

/** The TTL of each column that has one, as a list for the sake of its readers; by the column's name, not quoted. */
export function columnTtls(elements: readonly string[]): Map<string, readonly string[]> {
  return new Map(elements.flatMap((element) => {
    const name = new RegExp(`^${NAME} `).exec(element)?.[1];
    const [, rule] = splitOuter(element, / TTL /y, 2);
    if (name === undefined || rule === undefined) return [];
    return [[unquote(name), [splitOuter(rule, / (?=COLLATE |SETTINGS |PRIMARY KEY)/y, 2)[0]!]] as const];
  }));
}

/** The table that a `CREATE MATERIALIZED VIEW` names after `TO`, or null where the view keeps its rows itself. */
export function viewTarget(
  createQuery: string,
  viewDatabase: string,
): { database: string; name: string } | null {
  for (const at of outerPositions(createQuery, " ")) {
    // Both come after the target: an engine's TTL may go TO a disk.
    if (createQuery.startsWith(" ENGINE = ", at) || createQuery.startsWith(" AS ", at)) return null;
    const match = new RegExp(` TO ${NAME}(?:\\.${NAME})?`, "y");
    match.lastIndex = at;
    const found = match.exec(createQuery);
    if (found) {
      const [first, second] = [unquote(found[1]!), found[2] === undefined ? null : unquote(found[2])];
      return second === null ? { database: viewDatabase, name: first } : { database: first, name: second };
    }
  }
  return null;
}

/**
 * The table behind `Buffer(database, table, …)`, `Distributed(cluster, database, table, …)`, `Alias(database, table)` or `Alias(table)`;
 * null: another engine. Which table an address leads to cannot be told by its name.
 */
export function destination(
  engineFull: string,
  ownDatabase: string,
): { database: string; name: string } | null {
  const { engine } = parseEngineClause(engineFull);
  const args = /^(?:Buffer|Alias)\(/.test(engine)
    ? namesIn(engine)
    : /^Distributed\(/.test(engine)
    ? namesIn(engine).slice(1)
    : [];
  // Alone, a name has its database before a dot.
  const alone = engine.startsWith("Alias(") && args.length === 1;
  const [database, name] = alone ? /^(?:([^.]*)\.)?(.*)$/s.exec(args[0]!)!.slice(1) : args;
  if (name === undefined) return null;
  return { database: /^(currentDatabase\(\))?$/.test(database ?? "") ? ownDatabase : database!, name };
}

/** The first argument of `Distributed(cluster, …)`, macros not put in; null: another engine. */
export function clusterOfDistributed(engineFull: string): string | null {
  const { engine } = parseEngineClause(engineFull);
  return /^Distributed\(/.test(engine) ? namesIn(engine)[0] ?? null : null;
}

/**
 * Seconds for which a row waits in a Buffer table at most: `max_time`, or `flush_time` where that is less, of
 * `Buffer(database, table, layers, min_time, max_time, min_rows, max_rows, min_bytes, max_bytes, flush_time, …)`; null: another engine.
 */
export function keepsFor(engineFull: string): number | null {
  if (!/^Buffer\(/.test(engineFull)) return null;
  const args = namesIn(parseEngineClause(engineFull).engine);
  const [most, flushed] = [Number(args[4]), Number(args[9] ?? 0)];
  return flushed > 0 ? Math.min(most, flushed) : most;
}

/** Arguments of an engine that are names, quoted in either way. */
function namesIn(engine: string): string[] {
  return splitArguments(engine.slice(engine.indexOf("(") + 1, -1)).map((text) =>
    unquote(text.replace(/^'([^]*)'$/, "`$1`"))
  );
}

/** The tables that a `CREATE TABLE … ENGINE = TimeSeries` names for its rows, in place of inner ones. */
export function timeSeriesTargets(
  createQuery: string,
  ownDatabase: string,
): { database: string; name: string }[] {
  const found: { database: string; name: string }[] = [];
  for (const at of outerPositions(createQuery, " ")) {
    const match = new RegExp(` (?:DATA|SAMPLES|TAGS|METRICS) (?!INNER )${NAME}(?:\\.${NAME})?`, "y");
    match.lastIndex = at;
    const [, first, second] = match.exec(createQuery) ?? [];
    if (first === undefined) continue;
    found.push(
      second === undefined
        ? { database: ownDatabase, name: unquote(first) }
        : { database: unquote(first), name: unquote(second) },
    );
  }
  return found;
}

/** Whether a `CREATE MATERIALIZED VIEW` refreshes by schedule instead of at every insert. */
export function isRefreshable(createQuery: string): boolean {
  for (const at of outerPositions(createQuery, " ")) {
    if (createQuery.startsWith(" AS ", at)) return false;
    if (/ REFRESH (EVERY|AFTER) /y.test(createQuery.slice(at, at + 16))) return true;
  }
  return false;
}
