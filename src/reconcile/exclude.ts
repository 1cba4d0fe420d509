/** Which tables the operator left out. */

/**
 * Whether a `database.table` matches one of the globs: `*` stands for any characters, dots and slashes included, `?`
 * for one; everything else for itself, in this case.
 */
export function isExcluded(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const literal = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
    return new RegExp(`^${literal.replace(/\*+/g, ".*").replaceAll("?", ".")}$`, "su").test(name);
  });
}
