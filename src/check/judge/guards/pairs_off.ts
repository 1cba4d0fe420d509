/** Events that both sites hold, each with values of its own in a key. */
import type { Digest } from "../../../model/digest.ts";
import type { Objection, PartitionFacts, PartitionPolicy } from "../partition_facts.ts";
import { absentHere, counted } from "../../../text/readable.ts";

/** Rows that repeat pair off by chance once their time is left out: it has to be most of them. */
const MOST_PERCENT = 50;

/** Columns that are named. */
const NAMED = 8;

/**
 * Refuses where rows that only this site has are missing rows but for a few columns. A row that is really missing has no
 * such partner here, and sites that hold the same events have hardly a row to themselves: so it is the share of *those* rows
 * that counts, and an outage beside them hides nothing.
 */
export function pairsOff(
  { pairedOff }: PartitionFacts,
  { maxConflictPercent }: PartitionPolicy,
  missing: Digest,
): Objection | null {
  if (!pairedOff) return null;
  const { looked, paired, columns, byTime } = pairedOff;
  const percent = byTime ? Math.max(maxConflictPercent, MOST_PERCENT) : maxConflictPercent;
  if (Number(paired) * 100 <= percent * Number(looked)) return null;
  const more = columns.length > NAMED ? ` and ${counted(columns.length - NAMED, "more column")}` : "";
  return [
    "twins",
    `${absentHere(missing.rows)}, but of ${counted(looked, "row")} that only this site has, ${
      counted(paired, "is", "are")
    } the same as an absent ` +
    `one in everything but ${
      columns.slice(0, NAMED).join(", ")
    }${more}: both sites hold the events, each with values of its ` +
    "own. Copying them would double the events. Look at some of them (--sample); raise MAX_CONFLICT_PERCENT if they are " +
    "different events",
  ];
}
