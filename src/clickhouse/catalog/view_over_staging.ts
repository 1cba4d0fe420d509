/** The SELECT of a view of this site, reading other rows of the same kind than its source holds. */
import type { TableId } from "../../model/table.ts";
import { tableName } from "../../model/table.ts";
import { type Token, tokenize, Untaken } from "../foreign/tokens.ts";
import { identifier, qualified } from "../sql/quoting.ts";

/**
 * The text is cut into tokens and put together again. Whether it still means the same is for the server to say: see
 * `meansTheSame`.
 *
 * @returns null where the text does not name the source after FROM, once or in several SELECTs of one UNION ALL
 */
export function overStaging(select: string, source: TableId, staging: TableId): string | null {
  return overRows(select, source, qualified(staging));
}

/** @param from SQL that stands for the source: another table, or a SELECT in brackets with the columns of the source */
export function overRows(select: string, source: TableId, from: string): string | null {
  let tokens: Token[];
  try {
    tokens = tokenize(select);
  } catch (error) {
    if (error instanceof Untaken) return null;
    throw error;
  }
  const isName = (token: Token | undefined, name: string) =>
    (token?.kind === "word" || token?.kind === "name") && token.text === name;
  const isWord = (token: Token | undefined, word: string) =>
    token?.kind === "word" && token.text.toUpperCase() === word;
  const found = tokens.flatMap((token, at) =>
    isWord(token, "FROM") && isName(tokens[at + 1], source.database) && tokens[at + 2]?.text === "." &&
      isName(tokens[at + 3], source.name)
      ? [at]
      : []
  );
  if (found.length === 0 || !areUnited(tokens, found, isWord)) return null;
  const written = ({ kind, text }: Token) => kind === "name" ? identifier(text) : text;
  const parts: string[] = [];
  let done = 0;
  for (const at of found) {
    // Its columns may be called by the table's name.
    const alias = isWord(tokens[at + 4], "AS") ? [] : ["AS", identifier(source.name)];
    parts.push(...tokens.slice(done, at + 1).map(written), from, ...alias);
    done = at + 4;
  }
  return [...parts, ...tokens.slice(done).map(written)].join(" ");
}

/**
 * Whether each of these places is in a SELECT of its own of one UNION ALL: what such a view makes of some rows and of others is what
 * it makes of all of them. Of a table that is joined with itself, or looked up in itself, it is not.
 */
function areUnited(
  tokens: readonly Token[],
  places: readonly number[],
  isWord: (token: Token | undefined, word: string) => boolean,
): boolean {
  return places.slice(1).every((to, before) => {
    let depth = 0;
    let united = false;
    for (let at = places[before]! + 1; at < to; at++) {
      const { text } = tokens[at]!;
      if (text === "(") depth++;
      else if (text === ")" && --depth < 0) return false;
      else if (depth === 0 && isWord(tokens[at], "UNION")) united = isWord(tokens[at + 1], "ALL");
    }
    return depth === 0 && united;
  });
}

/** Whether two trees of a server differ in the table alone that they read. */
export function meansTheSame(
  before: readonly string[],
  after: readonly string[],
  source: TableId,
  staging: TableId,
): boolean {
  const [from, to] = [`table_name: ${tableName(source)}`, `table_name: ${tableName(staging)}`];
  const put = (line: string) =>
    line.trimStart().startsWith("TABLE ") && line.endsWith(from) ? line.slice(0, -from.length) + to : line;
  // The name that `overRows` gives it is shown by 23.x alone.
  const named = `, alias: ${source.name}, table_name: `;
  const bare = (line: string) =>
    line.trimStart().startsWith("TABLE ") ? line.replace(named, () => ", table_name: ") : line;
  const [one, other] = [before, after].map((lines) => withoutFolded(lines).map(bare)) as [string[], string[]];
  return one.length === other.length && one.every((line, at) => put(line) === other[at]);
}

/** What the server has computed from an expression, which stands below it, may be the time at which it was asked. */
function withoutFolded(lines: readonly string[]): string[] {
  return lines.map((line, at) =>
    lines[at + 1]?.trim() === "EXPRESSION" ? line.replace(/^(\s*CONSTANT id: \d+).*$/, "$1") : line
  );
}
