/** Whether what a repair copies fits this site's disks. */
import type { Repair } from "../model/repair.ts";
import { readableBytes } from "./readable_bytes.ts";

/**
 * Why the repair must not begin, with figures; null: it fits, or nobody can tell.
 *
 * @param freeBytes on the disks of the table's storage policy; null: unknown
 */
export function lacksSpace(
  { pair, bytes, keptBytes = 0, way }: Pick<Repair, "pair" | "bytes" | "keptBytes" | "way">,
  freeBytes: number | null,
): string | null {
  // Attached parts are hard links to the staged ones; an INSERT writes the rows once more.
  // What is kept aside is hard links too, but its room is not given back when the table merges what it has got.
  const needed = (way === "insert" ? 2 * bytes : bytes) + keptBytes;
  if (freeBytes === null || needed <= freeBytes) return null;
  return `the copy needs about ${readableBytes(needed)}, and ${
    readableBytes(freeBytes)
  } are free on the disks of ` +
    `${pair.name}: make room at this site; nothing was copied, and the next check tries again`;
}
