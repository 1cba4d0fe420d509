/** Versions of ClickHouse with which every test of ch-sync runs, as `year.month`. */
export const TESTED_VERSIONS: readonly string[] = ["26.7"];

/** `26.7` of `26.7.2.1`. */
export function release(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
