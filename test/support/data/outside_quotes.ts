/** What ClickHouse reads of a statement as SQL, and not as a value or a quoted name. */

const TOKEN =
  /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`(?:[^`\\]|\\[^]|``)*`|\$(\w*)\$[^]*?\$\1\$|--[^\n]*|#[ !][^\n]*|\/\*[^]*?\*\/|[^'"`$#/-]+|[^]/g;

/** The statement with an empty pair of quotes in place of each quoted text; comments stay. */
export function outsideQuotes(statement: string): string {
  return statement.replace(
    TOKEN,
    (token) => token.length > 1 && /^['"`$]/.test(token) ? `${token[0]}${token[0]}` : token,
  );
}
