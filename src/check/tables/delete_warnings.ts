/** Rows that were deleted on purpose at one site only come back from the other. */
import type { Finding } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";

/** Warnings about finished `ALTER … DELETE` mutations on record that may explain what was found. */
export function deleteWarnings({ here, there }: TablePair, findings: readonly Finding[]): string[] {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const erase = "to erase rows for good, erase them at both sites (see docs/erasing-data.md)";
  return [
    ...(here.deletedAt > 0 && findings.some(({ missing }) => missing > 0n)
      ? [
        `an ALTER … DELETE of ${
          at(here.deletedAt)
        } removed rows here. Those that the active site still has are missing ` +
        `like any others, and a repair brings them back; ${erase}`,
      ]
      : []),
    ...(there.deletedAt > 0 && findings.some(({ surplus }) => surplus > 0n)
      ? [
        `an ALTER … DELETE of ${
          at(there.deletedAt)
        } removed rows at the active site. Those that are here stay, and go ` +
        `back there once this site is the active one; ${erase}`,
      ]
      : []),
  ];
}
