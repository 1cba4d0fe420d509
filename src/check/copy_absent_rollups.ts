/** Tables that views fill are not compared, but what they lack altogether must come from somewhere. */
import type { RememberedTable } from "../model/memory.ts";
import { reportOf } from "../model/plan.ts";
import { finding, type TableReport } from "../model/report.ts";
import { tablePlan } from "../model/plan.ts";
import type { Moment } from "../model/scope.ts";
import { tableName, type TablePair } from "../model/table.ts";
import { allSources } from "./views/derived_tables.ts";
import { isSettled } from "../verdict/clean.ts";
import { acceptRefused } from "./plan/plan_policies.ts";
import type { Discovery } from "./tables/discovery.ts";
import { examinePage } from "./plan/examine_page.ts";
import type { ExamineContext } from "./plan/examine_context.ts";
import { failedTable } from "./plan/examine_table.ts";
import { PartitionReader } from "./compare/partition_reader.ts";
import type { Summaries } from "../model/partition.ts";
import type { CheckPorts } from "./ports/check_ports.ts";
import { refuseEarlyExpiry } from "./tables/early_expiry.ts";
import { refuseTable } from "./tables/refuse_table.ts";
import { repairTables } from "./repair/repair_tables.ts";

interface CopyOptions {
  readonly dryRun: boolean;
  readonly accepted: ReadonlySet<string>;
}

/**
 * A partition of a derived table that is absent here although its sources agree has outlived its raw rows, which no
 * repair can bring back through the view: it is copied. While one of the tables from
 * which it is filled, directly or through others, was not found whole, it waits: their rows may still pass the views.
 */
export async function copyAbsentRollups(
  ports: CheckPorts,
  discovery: Discovery,
  context: ExamineContext,
  reports: readonly TableReport[],
  options: CopyOptions,
): Promise<TableReport[]> {
  const { pairs, derived, unprovable, summaries } = discovery;
  const candidates = pairs.filter((pair) =>
    derived.has(pair.name) && !unprovable.has(pair.name) && !isKnownWhole(ports, pair, summaries)
  );
  if (candidates.length === 0 || ports.signal.aborted) return [...reports];
  const byName = new Map(reports.map((report) => [report.table, report]));
  // Repairs have filled some of them by now.
  const now = { ...summaries, here: await ports.here.summaries() };
  const reader = new PartitionReader(ports, candidates, now);
  for (const pair of candidates) {
    const before = byName.get(pair.name)!;
    try {
      byName.set(
        pair.name,
        await copyAbsentPartitions(
          ports,
          pair,
          before,
          discovery,
          { ...context, reader },
          now,
          byName,
          options,
        ),
      );
    } catch (error) {
      byName.set(pair.name, failedTable(pair.name, error).report);
    }
  }
  return reports.map(({ table }) => byName.get(table)!);
}

/** Whether this site held every partition of a derived table, and no part of either side has changed since. */
function isKnownWhole(
  { memory }: Pick<CheckPorts, "memory">,
  pair: TablePair,
  summaries: Summaries,
): boolean {
  const known = memory.table(pair.name);
  return known !== null && known.uuid === pair.here.uuid && known.whole &&
    known.fingerprintHere === (summaries.here.get(pair.name)?.fingerprint ?? "") &&
    known.fingerprintActive === (summaries.there.get(tableName(pair.there.id))?.fingerprint ?? "");
}

async function copyAbsentPartitions(
  ports: CheckPorts,
  pair: TablePair,
  before: TableReport,
  discovery: Discovery,
  context: ExamineContext,
  summaries: Summaries,
  byName: ReadonlyMap<string, TableReport>,
  { dryRun, accepted }: CopyOptions,
): Promise<TableReport> {
  const { moment, settings: { role } } = context;
  let report = before;
  let whole = true;
  for await (const { here, there } of context.reader.pages(pair)) {
    const absent = [...there].filter(([id, { rows }]) => rows > 0n && !here.has(id));
    whole &&= absent.length === 0;
    // A rollup is only complete, and its raw rows only settled, once it has been left alone for a while.
    const outlived = new Map(absent.filter(([, { changedAt }]) => changedAt < moment.settledBefore));
    if (outlived.size === 0) continue;
    const awaited = unfinishedSources(pair.name, discovery, byName, summaries, moment);
    if (awaited.length > 0) {
      const detail = `has partitions on the active site that are absent here; they are copied once ${
        awaited.join(", ")
      }, from which views fill it, is whole and nothing of it can be on its way any more`;
      return { ...before, findings: [...before.findings, finding(pair.name, null, "missing", detail)] };
    }
    const refusal = refuseTable(ports, pair, context.zones) ??
      await refuseEarlyExpiry(ports, pair, moment.now);
    if (refusal) return { ...before, findings: [...before.findings, refusal] };
    const page = { here: new Map(), there: outlived, before: new Map() };
    const known = { table: null, provable: false, unstable: new Map() };
    const { findings, plans, partitions } = await examinePage(ports, pair, page, known, context);
    const planned = acceptRefused(tablePlan(pair.name, { findings }, plans), accepted);
    const [done] = dryRun ? [reportOf(planned)] : await repairTables(ports, role, [planned], new Map());
    report = {
      ...report,
      partitions: report.partitions + partitions,
      findings: [...report.findings, ...done!.findings],
    };
  }
  return whole ? { ...report, seen: seenWhole(pair, summaries, moment) } : report;
}

function seenWhole(pair: TablePair, summaries: Summaries, moment: Moment): RememberedTable {
  return {
    uuid: pair.here.uuid,
    checkedAt: moment.now,
    settledBefore: moment.settledBefore,
    settledBeforeDay: moment.settledBeforeDay,
    proofKey: "",
    fingerprintHere: summaries.here.get(pair.name)?.fingerprint ?? "",
    fingerprintActive: summaries.there.get(tableName(pair.there.id))?.fingerprint ?? "",
    whole: true,
    oldestDigest: null,
    partitions: 0,
    rowsActive: 0n,
    city: 0n,
    xxh: 0n,
  };
}

/**
 * Compared tables from which rows may still come through views: those that were not found whole, and, where rows pass a
 * table in which they may stay for a while (Buffer, Distributed), those that changed within the settle window.
 */
function unfinishedSources(
  name: string,
  { sources, compared }: Discovery,
  reports: ReadonlyMap<string, TableReport>,
  summaries: Summaries,
  moment: Moment,
): string[] {
  const upstream = [...allSources(name, sources)];
  const detour = upstream.some((source) => !compared.has(source));
  const resting = (source: string) => (summaries.here.get(source)?.changedAt ?? 0) < moment.settledBefore;
  return upstream.filter((source) =>
    compared.has(source) &&
    (!reports.get(source)?.findings.every(isSettled) || (detour && !resting(source)))
  ).sort();
}
