/** What a package is made of, and how packages describe ch-sync. */

export interface PackageOrder {
  /** A folder with the files of a release archive, for one Linux machine. */
  readonly archive: string;
  /** As distributions write it. */
  readonly version: string;
  readonly machine: "x86_64" | "aarch64";
  /** Unix time of the commit, in seconds. */
  readonly seconds: number;
  /** A folder that is there. */
  readonly output: string;
}

export const SUMMARY = "compares and repairs two ClickHouse sites";
export const DESCRIPTION = `Both sites receive the same telemetry, and one of them is active. After an
outage a site lacks rows: ch-sync finds exactly those rows, copies them from
the other site, and says when it is safe to fail back.`;

/** What the name of a release archive says; null: no package is made of it. */
export function readArchiveName(name: string): Pick<PackageOrder, "version" | "machine"> | null {
  const [, version, machine] = /^ch-sync-(\d.*)-(x86_64|aarch64)-unknown-linux-gnu\.tar\.gz$/.exec(name) ??
    [];
  if (version === undefined || (machine !== "x86_64" && machine !== "aarch64")) return null;
  // 1.0.0-rc1 comes before 1.0.0: distributions write that with a tilde, and - is a sign of theirs.
  return { version: version.replaceAll("-", "~"), machine };
}
