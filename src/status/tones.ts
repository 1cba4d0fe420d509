/** How each state of a partition looks: a colour of its group, and a letter of its own for eyes that tell no colours apart. */
import type { Tone } from "../model/board.ts";
import { REASONS } from "../model/reason.ts";

/** Groups share a colour; a group is what an operator does about it. */
export type Group = "good" | "busy" | "gap" | "refused" | "later" | "known" | "unknown";

interface Look {
  readonly letter: string;
  readonly group: Group;
  readonly meaning: string;
}

/** The gravest first. */
export const TONES: Readonly<Record<Tone, Look>> = {
  failed: { letter: "!", group: "refused", meaning: REASONS.failed.meaning },
  missing: { letter: "M", group: "gap", meaning: REASONS.missing.meaning },
  partial: { letter: "P", group: "gap", meaning: REASONS.partial.meaning },
  new: { letter: "N", group: "gap", meaning: REASONS.new.meaning },
  independent: { letter: "I", group: "refused", meaning: REASONS.independent.meaning },
  aggregated: { letter: "A", group: "refused", meaning: REASONS.aggregated.meaning },
  deleted: { letter: "X", group: "refused", meaning: REASONS.deleted.meaning },
  drifted: { letter: "D", group: "refused", meaning: REASONS.drifted.meaning },
  shrunk: { letter: "K", group: "refused", meaning: REASONS.shrunk.meaning },
  recurring: { letter: "R", group: "refused", meaning: REASONS.recurring.meaning },
  views: { letter: "V", group: "refused", meaning: REASONS.views.meaning },
  unstable: { letter: "Z", group: "refused", meaning: REASONS.unstable.meaning },
  filtered: { letter: "F", group: "refused", meaning: REASONS.filtered.meaning },
  unsupported: { letter: "U", group: "refused", meaning: REASONS.unsupported.meaning },
  backfilling: { letter: "B", group: "later", meaning: REASONS.backfilling.meaning },
  mutating: { letter: "T", group: "later", meaning: REASONS.mutating.meaning },
  repairing: { letter: "»", group: "busy", meaning: "being repaired now" },
  unproven: { letter: "?", group: "unknown", meaning: "never proven" },
  hot: { letter: "h", group: "known", meaning: REASONS.hot.meaning },
  surplus: { letter: "s", group: "known", meaning: REASONS.surplus.meaning },
  expiring: { letter: "e", group: "known", meaning: REASONS.expiring.meaning },
  unmerged: { letter: "u", group: "known", meaning: REASONS.unmerged.meaning },
  derived: { letter: "d", group: "known", meaning: REASONS.derived.meaning },
  repaired: { letter: "✓", group: "good", meaning: "repaired by the last check" },
  counted: { letter: "·", group: "good", meaning: "in sync by row counts since its last digest" },
  sync: { letter: "", group: "good", meaning: "proven by digests of all rows" },
};

/** Groups that somebody has to know of, wherever there is room for some partitions only. */
const LOUD: ReadonlySet<Group> = new Set(["gap", "refused", "later", "busy"]);

export function isLoud(tone: Tone): boolean {
  return LOUD.has(TONES[tone].group);
}

/** In words. */
export function nameOf(tone: Tone): string {
  return tone === "sync" ? "in sync" : tone;
}

/** What the colours say. */
export const GROUPS: Readonly<Record<Group, string>> = {
  good: "in sync",
  busy: "being repaired",
  gap: "rows missing here",
  refused: "not repaired: look at it",
  later: "put off to a later check",
  known: "explained; nothing is missing",
  unknown: "never proven",
};
