/** Doing what was planned: one partition after the other, as long as this site is still the passive one. */
import type { KeptAside } from "../model/kept.ts";
import type { RememberedPartition } from "../model/memory.ts";
import type { Repair, RepairOutcome } from "../model/repair.ts";
import type { Finding, TableReport } from "../model/report.ts";
import { otherSite, type SiteName } from "../model/site.ts";
import type { Sources } from "../reconcile/derived.ts";
import { lacksSpace } from "../reconcile/guard_space.ts";
import { KEPT_DAYS } from "../reconcile/kept.ts";
import { isSettled } from "../reconcile/judge_check.ts";
import type { DescribedPartition, Presumptions } from "./examine_context.ts";
import { errorText, finding, settleViews } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";

const SPACE_UNKNOWN =
  "Whether copies fit the disks of this site cannot be told: grant SELECT ON system.disks and system.storage_policies";

export interface RepairConditions {
  /** What views of a table read besides it: where that is not whole, its rows would pass the views in vain. */
  readonly partners: Sources;
  readonly presumptions: Presumptions | null;
}

export const NO_CONDITIONS: RepairConditions = { partners: new Map(), presumptions: null };

/** Repairs every table in its order; a partition that fails is data in its report, and the rest goes on. */
export async function repairTables(
  ports: CheckPorts,
  role: SiteName,
  tables: readonly TableReport[],
  { partners, presumptions }: RepairConditions,
): Promise<TableReport[]> {
  if (!tables.some(({ findings }) => findings.some(({ repair }) => repair))) return [...tables];
  const repaired: TableReport[] = [];
  const warned = new Set<string>();
  const warnOnce = (text: string) => {
    if (!warned.has(text)) ports.observer.warn(text);
    warned.add(text);
  };
  const attempt = (found: Finding, repair: Repair) => repairPartition(ports, role, found, repair, warnOnce);
  for (const table of tables) {
    const findings: Finding[] = [];
    const planned = new Map(table.planned);
    const awaited = [...partners.get(table.table) ?? []].filter((name) =>
      !repaired.find(({ table }) => table === name)?.findings.every(isSettled)
    );
    for (const found of table.findings) {
      if (!found.repair) findings.push(found);
      else if (awaited.length > 0) findings.push(hold(found, awaited));
      else {
        const { finding, remembered, partitionId } = await repairOrLook(attempt, found, presumptions);
        if (finding) findings.push(finding);
        if (remembered) planned.set(partitionId, remembered);
      }
    }
    repaired.push({ ...table, findings, planned });
  }
  return repaired;
}

interface Done extends Omit<DescribedPartition, "remembered"> {
  /** What its exact comparison found; null: it was not compared again. */
  readonly remembered: RememberedPartition | null;
}

/** Where what was presumed turns out to be wrong, the partition is looked into, and what is really missing repaired. */
async function repairOrLook(
  attempt: (found: Finding, repair: Repair) => Promise<Finding | "disproved">,
  found: Finding,
  presumptions: Presumptions | null,
): Promise<Done> {
  const done = (finding: Finding): Done => ({
    partitionId: found.partitionId ?? "",
    finding,
    remembered: null,
  });
  const first = await attempt(found, found.repair!);
  if (first !== "disproved") return done(first);
  try {
    const exact = await presumptions!.get(found.repair!)!();
    if (!exact.finding?.repair) return exact;
    const second = await attempt(exact.finding, exact.finding.repair);
    return { ...exact, finding: second === "disproved" ? exact.finding : second };
  } catch (error) {
    return done(failed(found, errorText(error)));
  }
}

/** A plan says beforehand which of its repairs would be refused for want of space. */
export async function foretellSpace(
  { here }: Pick<CheckPorts, "here">,
  tables: readonly TableReport[],
): Promise<TableReport[]> {
  const foretold: TableReport[] = [];
  for (const table of tables) {
    const [first] = table.findings.flatMap(({ repair }) => repair ?? []);
    const free = first ? await here.freeBytes(first.pair.here.id) : null;
    const findings = table.findings.map((found) => {
      const tooLarge = found.repair && lacksSpace(found.repair, free);
      return tooLarge ? { ...found, detail: `${found.detail}; ${tooLarge}` } : found;
    });
    foretold.push({ ...table, findings });
  }
  return foretold;
}

function hold(found: Finding, awaited: readonly string[]): Finding {
  const detail = `${found.detail}; repaired once ${
    awaited.join(", ")
  } is whole, which a view of this table reads`;
  return { ...found, detail };
}

async function repairPartition(
  ports: CheckPorts,
  role: SiteName,
  found: Finding,
  repair: Repair,
  warnOnce: (text: string) => void,
): Promise<Finding | "disproved"> {
  if (ports.signal.aborted) return failed(found, "ch-sync is stopping");
  const waiting = await ports.repairsWait();
  if (waiting !== null) return { ...found, detail: `${found.detail}; ${waiting}` };
  // Right before writing: the role may have changed since the check began, and again before anything is replaced.
  const objection = async () => {
    const { active } = await ports.role.resolve();
    return active === otherSite(role) ? null : `the active site is ${active} now, so nothing is written here`;
  };
  const changed = await objection();
  if (changed !== null) return failed(found, changed);
  const free = await ports.here.freeBytes(repair.pair.here.id);
  if (free === null) warnOnce(SPACE_UNKNOWN);
  const tooLarge = lacksSpace(repair, free);
  if (tooLarge !== null) return failed(found, tooLarge);
  ports.observer.repairing(repair);
  const { step = (_name, run) => run() } = ports;
  const { pair: { name: table }, partitionId: partition } = repair;
  const run = () =>
    ports.here.repair(repair, {
      slice: (copied, slices) => ports.observer.copied(repair, copied, slices),
      written: (rows, bytes) => ports.observer.written(repair, rows, bytes),
    }, objection);
  const outcome = await step({ kind: "repair", table, partition }, run, summary);
  await ports.observer.repaired(repair, outcome);
  switch (outcome.kind) {
    case "repaired":
      return { ...found, repaired: true, ...(outcome.kept ? sayKept(found, outcome.kept) : {}) };
    case "failed":
      return failed(found, outcome.error);
    case "disproved":
      return "disproved";
    case "views":
      return {
        ...found,
        reason: "views",
        repair: null,
        sql: [],
        detail: `${outcome.error}; ${settleViews(outcome.staging, new Date().toISOString())}`,
      };
  }
}

/** Where the rows are that were replaced, and the statement that brings them back. */
function sayKept({ detail }: Finding, { table, restore }: KeptAside): Pick<Finding, "detail" | "sql"> {
  const kept = `what was here is kept in ${table} for ${KEPT_DAYS} days; to bring it back, set ` +
    "REPAIR_AGGREGATES=report first, or it is replaced again";
  return { detail: `${detail}; ${kept}`, sql: [restore] };
}

/** What a trace tells of a repair. */
function summary(outcome: RepairOutcome) {
  if (outcome.kind === "repaired") return { outcome: outcome.kind, rows: Number(outcome.rows) };
  return "error" in outcome ? { outcome: outcome.kind, error: outcome.error } : { outcome: outcome.kind };
}

function failed(found: Finding, error: string): Finding {
  return { ...finding(found.table, found.partitionId, "failed", error), ...pick(found) };
}

function pick({ rowsActive, rowsHere, missing, surplus, oldestMissing }: Finding) {
  return { rowsActive, rowsHere, missing, surplus, oldestMissing };
}
