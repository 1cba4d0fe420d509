/** Which tables the operator left out. */

/** Whether a `database.table` matches one of the globs: `*` stands for any characters, `?` for one. */
export function isExcluded(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const literal = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
    return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su").test(name);
  });
}
