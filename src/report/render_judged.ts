/** What was known about a partition when it was judged, on one line: so `LOG_LEVEL=debug` answers "why is it backfilling?". */
import { settledBefore, toSeconds } from "../model/time_units.ts";
import type { CompareMethod, JudgedPartition } from "../check/judge/judged_partition.ts";
import type { PartitionFacts } from "../check/judge/partition_facts.ts";
import type { RememberedPartition } from "../model/memory.ts";
import type { Finding } from "../model/report.ts";
import type { RowScope } from "../model/scope.ts";
import { counted, grouped } from "../text/readable.ts";

/** Where no row was read. */
const UNREAD: Readonly<Record<JudgedPartition["reading"], string>> = {
  unchanged: "not read: every partition is proven, and no part has changed since",
  stretch: "not read: every partition of a stretch of ids is proven, and no part of them has changed since",
  proven: "not read: no part has changed since it was proven",
  due: "not read: its proof grows old, and this hour's VERIFY_BUDGET is used up",
  counts: "not read",
  merged: "not read",
  digest: "not read",
  unstable: "not read: its rows cannot be compared",
  "only here": "not read: the active site holds no row of it",
};

const READ: Readonly<Record<JudgedPartition["reading"], string>> = {
  ...UNREAD,
  proven: "read although it was proven",
  due: "read again, as its proof grows old",
  counts: "counted, as it keeps changing and was digested lately",
  merged: "read, as it holds as many rows in other parts",
  digest: "read, as nothing proves it",
};

const METHODS: Readonly<Record<CompareMethod, string>> = {
  absent: "measured at the active site, as no row of it is here",
  counted: "rows counted by bucket",
  alike: "one digest of each site, as both hold as many rows",
  apart: "digested by bucket, as the sites hold different numbers of rows",
  merging: "digested as it would read once merged",
};

export function renderJudged({ reading, compared, remembered, plan }: JudgedPartition): string {
  return [
    plan?.finding ? verdict(plan.finding) : compared ? "in sync" : remembered?.proof?.reason ?? "in sync",
    compared ? `${READ[reading]}: ${METHODS[compared.method]}` : UNREAD[reading],
    ...compared ? renderFacts(compared.facts) : [],
    ...plan?.finding ? renderFigures(plan.finding) : [],
    ...plan?.ifAccepted?.finding ? [`with --accept it would be ${plan.ifAccepted.finding.reason}`] : [],
    ...plan?.finding && !plan.repair ? ["no repair is planned"] : [],
    ...plan?.repair ? [`planned repair: ${plan.repair.repair.method}`] : [],
    reading === "unchanged" || reading === "stretch" ? "" : renderRemembered(remembered),
  ].filter(Boolean).join("; ");
}

function verdict({ reason, cause, detail }: Finding): string {
  return `${reason === cause ? reason : `${reason} (${cause})`}: ${detail}`;
}

function renderFacts(facts: PartitionFacts): string[] {
  const { here, there, scope, comparison, differences, twins, twinsAmong, merged, newest } = facts;
  const { remembered, counted: byCounts, presumed, disturbed, grouped: byTtl, mutatedAt = 0 } = facts;
  const unequal = comparison.absent.length + comparison.partial.length;
  const difference = merged?.difference ?? null;
  return [
    `rows in parts ${grouped(here?.rows ?? 0n)} here, ${grouped(there.rows)} at the active site`,
    `settled rows ${grouped(comparison.here.rows)} here, ${
      grouped(comparison.there.rows)
    } at the active site`,
    settling(scope),
    newest === null ? "" : `newest row ${instant(newest, scope)}`,
    unequal > 0 ? `buckets that differ: ${unequal}, of which absent here: ${comparison.absent.length}` : "",
    differences.length > 0 ? `buckets compared row by row: ${differences.length}` : "",
    twinsAmong > 0n ? `${counted(twins, "twin")} among ${counted(twinsAmong, "missing row")}` : "",
    merged ? `once merged: ${difference === null ? "equal" : whatDiffers(difference)}` : "",
    byCounts ? "counts agree, which proves nothing" : "",
    presumed ? "what is missing is presumed: the staged rows will prove it" : "",
    disturbed ? "it changed while it was compared" : "",
    byTtl ? "rows are past a TTL that groups rows" : "",
    mutatedAt > 0 ? `newest mutation here ${time(mutatedAt)}` : "",
    remembered && remembered.arrived > 0n
      ? `${counted(remembered.arrived, "old row")} arrived since the last check`
      : "",
  ];
}

function settling({ quiet, axis, moment, settleSeconds, ttls }: RowScope): string {
  const expiry = ttls.length > 0 ? ", rows past a TTL left out" : "";
  if (quiet) return `all rows settled, as no part changed for ${counted(settleSeconds, "second")}${expiry}`;
  if (axis === null) return `no column tells how old rows are, and parts changed lately${expiry}`;
  const unit = axis.numbers ? ` (${axis.unit})` : "";
  return `rows settled whose ${axis.column}${unit} is before ${
    time(toSeconds(settledBefore(axis, moment), axis))
  }, as parts changed lately${expiry}`;
}

function whatDiffers(
  difference: Exclude<NonNullable<PartitionFacts["merged"]>["difference"], null>,
): string {
  if (difference === "differs") return "different";
  const { missing, conflicts, unknown, surplus, unsettled } = difference;
  return `${counted(missing.rows, "row")} missing, ${grouped(surplus)} only here or newer, ${
    grouped(conflicts)
  } of the same version with different content, ` +
    `${grouped(unknown)} unknown, ${grouped(unsettled)} not settled`;
}

function renderFigures({ missing, surplus, oldestMissing }: Finding): string[] {
  return [
    `missing ${grouped(missing)}, surplus ${grouped(surplus)}`,
    oldestMissing === null ? "" : `oldest missing ${time(oldestMissing)}`,
  ];
}

function renderRemembered(remembered: RememberedPartition | null): string {
  if (remembered === null) return "nothing remembered";
  const { rowsHere, rowsActive, digestedAt, proof, arrivedAt, repair } = remembered;
  return [
    `remembered: ${counted(rowsHere, "row")} here, ${rowsActive} at the active site`,
    digestedAt === null ? "not digested, or something was missing" : `digested ${time(digestedAt)}`,
    proof ? `proven${proof.reason ? ` as ${proof.reason}` : ""}` : "not proven",
    arrivedAt === null ? "" : `old rows arrived ${time(arrivedAt)}`,
    repair
      ? `repaired ${time(repair.at)}: ${counted(repair.rows, "row")}, at ${
        repair.times === 1 ? "one check" : `${repair.times} checks in a row`
      }`
      : "",
  ].filter(Boolean).join(", ");
}

/** @param value in the unit of the axis */
function instant(value: bigint, { axis }: Pick<RowScope, "axis">): string {
  return time(toSeconds(value, axis ?? { unit: "seconds" }));
}

/** Unix seconds as ISO 8601; a column may hold more than a calendar does. */
function time(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime())
    ? `${counted(seconds, "second")} since 1970`
    : date.toISOString().replace(".000Z", "Z");
}
