/** Whether two servers mean the same by an expression of a definition, which their versions print with other brackets. */

const TOKEN =
  /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|[A-Za-z_]\w*|\d[\w.]*|->|::|\|\||<=>|<=|>=|!=|<>|==|\S/gs;

/** Words of a query between which an expression stands alone. */
const CLAUSES = "SELECT WHERE PREWHERE HAVING BY ON".split(" ");
const ENDS = "AS ASC DESC FROM WHERE PREWHERE GROUP HAVING ORDER LIMIT SETTINGS UNION".split(" ");

/** Words after which a bracket opens a group, and no list of arguments. */
const KEYWORDS = new Set([
  ...CLAUSES,
  ..."AND OR NOT IN LIKE ILIKE BETWEEN IS THEN WHEN ELSE CASE INTERVAL AS DIV MOD DISTINCT".split(" "),
]);

const BEFORE: ReadonlySet<string | undefined> = new Set([undefined, "(", "[", ",", ...CLAUSES]);
const AFTER: ReadonlySet<string | undefined> = new Set([undefined, ")", "]", ",", ...ENDS]);

/**
 * From 26.5 on, a server keeps brackets that say nothing (`(toYYYYMM(ts))`, `(v + 1)`, `(a) = 1`), where others print
 * those alone that keep operators apart; and it keeps `tuple(a, b)`, where others print `(a, b)`.
 */
export function sameExpression(a: string, b: string): boolean {
  return a === b || bare(a) === bare(b);
}

/** Characters of a definition at most: a server takes no longer statement by default (max_query_size). */
const MAX_LENGTH = 262_144;

/** Brackets within each other at most: what people write has a tenth of that, and the time this takes grows with them. */
const MAX_DEPTH = 100;

/** Without the brackets that say nothing, for comparison alone; as it is, where it is none that a server would print. */
export function bare(text: string): string {
  if (text.length > MAX_LENGTH) return text;
  const tokens = text.match(TOKEN) ?? [];
  const kept = tokens.map(() => true);
  const open: number[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token === "(" || token === "[") open.push(at);
    if (open.length > MAX_DEPTH) return text;
    if (token !== ")" && token !== "]") continue;
    const start = open.pop();
    if (start === undefined || token !== ")" || tokens[start] !== "(") continue;
    const inside = outer(tokens.slice(start + 1, at).filter((_, index) => kept[start + 1 + index]));
    const several = inside.includes(",");
    if (opensGroup(tokens, start)) {
      if (saysNothing(tokens, kept, start, at, inside)) kept[start] = kept[at] = false;
    } else if (several && tokens[start - 1] === "tuple") kept[start - 1] = false;
  }
  return tokens.filter((_, at) => kept[at]).join(" ");
}

function opensGroup(tokens: readonly string[], at: number): boolean {
  const before = tokens[at - 1];
  if (before === undefined) return true;
  return /^\w/.test(before) ? KEYWORDS.has(before.toUpperCase()) : !/^[`)\]]/.test(before);
}

/** Where it holds one operand, or stands alone between commas and other brackets. A tuple, or nothing, stays. */
function saysNothing(
  tokens: readonly string[],
  kept: readonly boolean[],
  start: number,
  end: number,
  inside: readonly string[],
): boolean {
  if (inside.length === 0 || inside.includes(",")) return false;
  const [before, after] = [near(tokens, kept, start, -1), near(tokens, kept, end, 1)];
  if (after === "->" || after === "::" || after === "[" || after === "." || after === "(") {
    return inside.length === 1 && /^[A-Za-z_`]/.test(inside[0]!);
  }
  return (BEFORE.has(before) && AFTER.has(after)) || isOperand(inside);
}

/** The next token that stays, with brackets that go seen as gone. */
function near(tokens: readonly string[], kept: readonly boolean[], at: number, step: 1 | -1) {
  let next = at + step;
  while (next in tokens && !kept[next]) next += step;
  return tokens[next];
}

/** What stands outside of all brackets within, each pair of which leaves its two ends. */
function outer(tokens: readonly string[]): string[] {
  let depth = 0;
  return tokens.filter((token) => {
    if (token === ")" || token === "]") depth--;
    const here = depth === 0;
    if (token === "(" || token === "[") depth++;
    return here;
  });
}

/** A name, a value, a call, a negative number: no operator, and no two words side by side. */
function isOperand(tokens: readonly string[]): boolean {
  if (tokens.length === 2 && tokens[0] === "-") return /^\d/.test(tokens[1]!);
  const word = (token: string | undefined) => token !== undefined && /^[\w'`]/.test(token);
  return tokens.every((token, at) =>
    word(token) ? !word(tokens[at + 1]) && !KEYWORDS.has(token.toUpperCase()) : /^[()[\].]$/.test(token)
  );
}
