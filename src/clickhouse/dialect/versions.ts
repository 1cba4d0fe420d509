/** What versions of ClickHouse do differently that ch-sync minds, a line each. What a server can be asked is no line here. */

/** Older servers are refused. */
export const OLDEST = "24.3";

/** Rights by the words of older versions: since when the words of today are known, and what stands in their place before. */
const RIGHTS: readonly { readonly right: string; readonly since: string; readonly before: string }[] = [
  { right: "READ ON REMOTE", since: "25.7", before: "REMOTE ON *.*" },
  { right: "WRITE ON REMOTE", since: "25.7", before: "REMOTE ON *.*" },
];

/** @param version as a server tells it, such as `24.8.4.13`; @param release such as `24.11` */
export function isBefore(version: string, release: string): boolean {
  const [year = 0, month = 0] = version.split(".").map(Number);
  const [sinceYear = 0, sinceMonth = 0] = release.split(".").map(Number);
  return year < sinceYear || (year === sinceYear && month < sinceMonth);
}

/** In words for an operator; null: ch-sync works with it. */
export function tooOld(version: string): string | null {
  return isBefore(version, OLDEST)
    ? `its version is ${
      version.slice(0, 40)
    }, and ch-sync works with ClickHouse ${OLDEST} and newer: upgrade this server`
    : null;
}

/** The right as this version spells it. */
export function spelledFor(version: string, right: string): string {
  const line = RIGHTS.find((line) => line.right === right);
  return line !== undefined && isBefore(version, line.since) ? line.before : right;
}
