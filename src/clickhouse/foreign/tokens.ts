/**
 * What another site wrote, cut into tokens. Its text never becomes part of a statement: it is read token by token, and what
 * is understood is written anew.
 */
import { unquote } from "../../text/quoted.ts";

/** Something that is not accepted from another site; the message ends a sentence such as "its TTL holds …". */
export class Untaken extends Error {}

export type TokenKind = "word" | "name" | "string" | "number" | "symbol";

export interface Token {
  readonly kind: TokenKind;
  /** A word, a number or a symbol as written; a name without its quotes; a string with its quotes. */
  readonly text: string;
}

/** Characters of one definition at most: a server takes no longer statement by default (max_query_size). */
export const MAX_DEFINITION = 262_144;

const SPACE = /[ \n\r\t]+/y;
/** In this order: what is longer comes first. The escapes are those that a server prints, and no others. */
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["number", /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z0-9_])/y],
  ["string", /'(?:[^'\\\0]|\\[bfnrt0'"`\\]|'')*'/y],
  ["name", /`(?:[^`\\\0]|\\[bfnrt0'"`\\]|``)*`/y],
  ["symbol", /->|::|\|\||<=|>=|!=|<>|==|[()[\],.+\-*\/%=<>]/y],
];

/** The digits behind a point, as in `t.1.2`, which is no number with a fraction. */
const PLACE = /\d+(?![A-Za-z0-9_])/y;

/**
 * Cuts a text that a server printed. The time it takes grows with the length alone.
 *
 * @throws {Untaken} if it holds anything else: comments, heredocs, `;`, other quotes, characters that do not show
 */
export function tokenize(text: string): Token[] {
  if (text.length > MAX_DEFINITION) {
    throw new Untaken(`${text.length} characters, more than the ${MAX_DEFINITION} that are read`);
  }
  const tokens: Token[] = [];
  let at = skip(text, 0);
  while (at < text.length) {
    const [kind, found] = next(text, at, tokens.at(-1));
    tokens.push({ kind, text: kind === "name" ? unquote(found) : found });
    at = skip(text, at + found.length);
  }
  return tokens;
}

function next(text: string, at: number, before: Token | undefined): readonly [TokenKind, string] {
  const patterns = before?.kind === "symbol" && before.text === "." && /\d/.test(text[at]!)
    ? [["number", PLACE] as const]
    : PATTERNS;
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return [kind, found];
  }
  throw new Untaken(`${JSON.stringify(text.slice(at, at + 12))}, which a server does not print there`);
}

function skip(text: string, at: number): number {
  SPACE.lastIndex = at;
  return SPACE.test(text) ? SPACE.lastIndex : at;
}
