/**
 * A file of variables, read as systemd reads its `EnvironmentFile` (systemd.exec(5), src/basic/env-file.c), because the
 * unit hands systemd the same file. What systemd would silently skip, or what other readers of such files would read
 * differently, is a problem instead: a password must not depend on who reads it.
 */

/** A line that cannot be read. Its text may hold a secret and is not shown. */
interface Problem {
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

export interface ParsedEnvFile {
  readonly variables: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/** An assignment, a blank line or a comment; or why it cannot be read. */
type EnvLine = { readonly name?: string; readonly value?: string; readonly problem?: string };

/** Every variable that reads unambiguously, the last one of each name; values in quotes may span several lines. */
export function parseEnvFile(text: string): ParsedEnvFile {
  const variables: Record<string, string> = {};
  const problems: Problem[] = [];
  for (let at = 0; at < text.length;) {
    const { length, name, value, problem } = readLine(text.slice(at));
    if (problem) problems.push({ line: text.slice(0, at).split(/\r\n|[\n\r]/).length, problem });
    else if (name !== undefined) variables[name] = value!;
    at += length;
  }
  return { variables, problems };
}

const END = String.raw`[ \t]*(?:\r\n|[\n\r]|$)`;
const ASSIGN = String.raw`^[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*`;
const COMMENT = new RegExp(String.raw`^[ \t]*(?:[#;]([^\n\r]*))?${END}`);
const QUOTED = new RegExp(String.raw`${ASSIGN}(?:'([^']*)'|"((?:[^"\\]|\\[^])*)")${END}`);
const BARE = new RegExp(String.raw`${ASSIGN}([^\n\r]*)${END}`);

/** Reads the first line of a text that is not empty; `length` is how much of the text it takes. */
function readLine(text: string): EnvLine & { readonly length: number } {
  const comment = COMMENT.exec(text);
  if (comment) {
    // Until systemd 254 such a comment took the next line with it.
    const problem = "is a comment and must not end with \\";
    return { length: comment[0].length, ...comment[1]?.endsWith("\\") ? { problem } : {} };
  }
  const quoted = QUOTED.exec(text);
  if (quoted) {
    const [{ length }, name, single, double] = quoted;
    return { length, name: name!, value: single ?? unescape(double!) };
  }
  const assigned = BARE.exec(text);
  if (!assigned) {
    const { length } = /^[^\n\r]*(?:\r\n|[\n\r]|$)/.exec(text)![0];
    const exported = /^[ \t]*export[ \t]/.test(text);
    return { length, problem: `must be NAME=value, ${exported ? "without export" : "a comment or blank"}` };
  }
  const [{ length }, name, rest = ""] = assigned;
  const value = rest.replace(/[ \t]+$/, "");
  const problem = doubtful(value, text.slice(length));
  return { length, name: name!, value, ...problem ? { problem } : {} };
}

/** Why a value that is not entirely in quotes is ambiguous; null: it is not. */
function doubtful(value: string, following: string): string | null {
  const quote = value[0];
  if (quote === "`") return "must have single or double quotes around its value, not `";
  if (quote === "'" || quote === '"') {
    const closed = `${value.slice(1)}\n${following}`.replace(quote === '"' ? /\\[^]/g : /$^/, "").includes(
      quote,
    );
    return closed
      ? `must have nothing after the quote ${quote} that ends its value`
      : `must close the quote ${quote} that it opens`;
  }
  if (value.includes("#")) {
    return "must have quotes around a value with #, and a comment on a line of its own";
  }
  if (value.includes("\\")) return "must have single quotes around a value with \\";
  return null;
}

/** Within double quotes a backslash takes the meaning of `"`, `\`, `` ` `` and `$`, and joins lines; else it stays. */
function unescape(text: string): string {
  return text.replace(
    /\\([^])/g,
    (both, next) => '"\\`$'.includes(next) ? next : next === "\n" ? "" : both,
  );
}
