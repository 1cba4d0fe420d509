/** Masking passwords in calls of table functions, also ones that ch-sync does not know. */

/**
 * Masks the last string argument, other than a table's name, of `remote('host', db.table, 'user', 'password')` and of `remoteSecure(…)`, unless it
 * is the first argument, the host. A call that is cut off is masked like a whole one.
 */
export function maskRemoteCalls(text: string): string {
  const literals = [...text.matchAll(/\bremote(?:Secure)?\s*\(/gi)]
    .flatMap((call) => lastString(text, call.index + call[0].length) ?? [])
    .sort((a, b) => a.start - b.start);
  let masked = "";
  let from = 0;
  for (const { start, end } of literals) {
    if (start < from) continue; // inside a literal that is already masked
    masked += `${text.slice(from, start)}'***'`;
    from = end;
  }
  return masked + text.slice(from);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The last string among the arguments that begin at `start`, those of nested calls left out. */
function lastString(text: string, start: number): Span | null {
  let last: Span | null = null;
  let depth = 0;
  let first = true;
  for (let at = start; at < text.length && depth >= 0;) {
    const char = text[at]!;
    const end = isQuote(char) ? quotedEnd(text, at) : at + 1;
    if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (depth === 0 && char === ",") first = false;
    else if (depth === 0 && char === "'" && !first && !names(text.slice(start, at))) {
      last = { start: at, end };
    }
    at = end;
  }
  return last;
}

/** Whether what follows is the name of a database or a table: `remote(collection, database = 'd', table = 't')`. */
function names(before: string): boolean {
  return /,\s*(?:database|db|table)\s*=\s*$/i.test(before.slice(-40));
}

function isQuote(char: string): boolean {
  return char === "'" || char === '"' || char === "`";
}

/** The position after a quoted text, in which a backslash or a second quote escapes one. */
function quotedEnd(text: string, start: number): number {
  const quote = text[start]!;
  let at = start + 1;
  while (at < text.length) {
    if (text[at] === "\\") at += 2;
    else if (text[at] !== quote) at++;
    else if (text[at + 1] === quote) at += 2;
    else return at + 1;
  }
  return text.length;
}
