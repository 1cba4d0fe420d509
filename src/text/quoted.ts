/** What servers put in quotes when they print a definition: texts, and names that are no plain words. */

/** Pattern of a string. What is opened and never closed ends with the text, so that every text is read but once. */
export const QUOTED_STRING = String.raw`'(?:[^'\\]|\\[^]|'')*(?:'|\\?$)`;

/** The same of a name in backticks: a quote in a string opens no name, and one in a name no string. */
export const QUOTED_NAME = "`(?:[^`\\\\]|\\\\[^]|``)*(?:`|\\\\?$)";

/** What stands for characters that would not show. */
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
};

/** A name without the backticks that it was printed in, if it was. */
export function unquote(name: string): string {
  if (!name.startsWith("`")) return name;
  return name.slice(1, -1).replace(/``|\\([^])/g, (_, char?: string) => char ? ESCAPES[char] ?? char : "`");
}
