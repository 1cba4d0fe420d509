/** How statements are laid out: over several lines, as somebody writes them who wants them to be read. */

/** What stands in a statement; null stands for nothing. */
type Piece = string | number | bigint | null;

/**
 * A statement from a template. The indentation of the template's first line goes from all of its lines; a piece of
 * several lines gets the indentation of the line on which it stands; a line on which nothing is left goes, too.
 *
 * Line breaks of a piece stand between words: those of a value are written as `\n` by whatever quotes it.
 */
export function sql(template: TemplateStringsArray, ...pieces: readonly Piece[]): string {
  const lines = template.join(PIECE).split("\n").filter((line) => line.trim() !== "");
  const margin = indentation(lines[0] ?? "").length;
  let next = 0;
  return lines.flatMap((line) => {
    const own = line.slice(margin);
    const filled = own.replaceAll(PIECE, () => indented(pieces[next++] ?? "", indentation(own)));
    return filled.trim() === "" ? [] : [filled];
  }).join("\n");
}

/** Terms of a list, each on a line of its own. */
export function listed(terms: readonly string[]): string {
  return terms.join(",\n");
}

/** Conditions of which all must hold, as they follow WHERE, each on a line of its own. */
export function allOf(conditions: readonly (string | null)[]): string {
  return conditions.filter((condition) => condition !== null).join("\n  AND ");
}

/** Stands for a piece while a template is cut into lines. */
const PIECE = "\0";

function indentation(line: string): string {
  return /^ */.exec(line)![0];
}

function indented(piece: string | number | bigint, by: string): string {
  return String(piece).replaceAll("\n", `\n${by}`);
}
