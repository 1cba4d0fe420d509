/** Whether the other site's word for a table is a table and nothing else: `AUTO_CREATE_TABLES` runs it here. */

const QUOTED = /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*"/gs;
const INNERMOST = /\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\}/g;
const NAME = "(?:Q|[A-Za-z_]\\w*)";
const TABLE = new RegExp(`^CREATE TABLE ${NAME}\\.${NAME}\\s+ENGINE = \\w*MergeTree\\b`);

/**
 * True for `CREATE TABLE database.table (…) ENGINE = …MergeTree…` as `system.tables` prints it: one statement, without
 * a SELECT that fills it, without comments (which could hide one), and without a disk of its own, which might be
 * anywhere.
 */
export function isPlainCreate(statement: string): boolean {
  const words = statement.replace(QUOTED, "Q");
  if (/['"`;#]|--|\/\*|\bdisk\s*=\s*disk\b/i.test(words)) return false;
  let outer = words;
  for (let before = ""; before !== outer;) {
    before = outer;
    outer = outer.replace(INNERMOST, "");
  }
  return TABLE.test(outer) && !/[()[\]{}]|\b(?:AS|SELECT|CLONE|EMPTY|FROM)\b/i.test(outer);
}
