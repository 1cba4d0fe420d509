/** Placeholder until written. */
export function isExcluded(name: string, patterns: readonly string[]): boolean {
  return patterns.some((p) =>
    new RegExp("^" + p.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*") + "$", "s").test(name)
  );
}
