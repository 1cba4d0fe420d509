/** Copies partitions of derived tables that are absent here and that no view can fill any more. */
import type { RememberedTable } from "../model/memory.ts";
import { reportOf } from "../model/plan.ts";
import { finding, type TableReport } from "../model/report.ts";
import { tablePlan } from "../model/plan.ts";
import type { Moment } from "../model/scope.ts";
import { tableName, type TablePair } from "../model/table.ts";
import { allSources } from "./views/derived_tables.ts";
import { isDoubt } from "./replicas/believe.ts";
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
import { doubtOfRepairs } from "./replicas/doubt_again.ts";
import { refuseTable } from "./tables/refuse_table.ts";
import { repairTables } from "./repair/repair_tables.ts";

interface CopyOptions {
  readonly dryRun: boolean;
  readonly accepted: ReadonlySet<string>;
}

/**
 * A partition of a derived table that is absent here although its sources agree has outlived its raw rows, so no repair
 * can bring it back through the view: it is copied. As long as one of the tables from which it is filled, directly or
 * through others, is not whole, it waits: rows of that table may still pass through the views.
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
    derived.has(pair.name) && !unprovable.has(pair.name) && !isStillWhole(ports, pair, summaries) &&
    !reports.find(({ table }) => table === pair.name)?.findings.some(isDoubt)
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

/** Whether no partition of a derived table was absent here, and no part has changed at either site since. */
function isStillWhole(
  { memory }: Pick<CheckPorts, "memory">,
  pair: TablePair,
  summaries: Summaries,
): boolean {
  const remembered = memory.table(pair.name);
  return remembered !== null && remembered.uuid === pair.here.uuid && remembered.whole &&
    remembered.fingerprintHere === (summaries.here.get(pair.name)?.fingerprint ?? "") &&
    remembered.fingerprintActive === (summaries.there.get(tableName(pair.there.id))?.fingerprint ?? "");
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
    // Only once nothing has changed for a while is a rollup complete, and are its raw rows settled.
    const outlived = new Map(absent.filter(([, { changedAt }]) => changedAt < moment.settledBefore));
    if (outlived.size === 0) continue;
    const awaited = unfinishedSources(pair.name, discovery, byName, summaries, moment);
    if (awaited.length > 0) {
      const detail = `has partitions at the active site that are absent here; they are copied once ${
        awaited.join(", ")
      }, from which views fill it, lacks nothing and none of its rows can be on their way any more`;
      return { ...before, findings: [...before.findings, finding(pair.name, null, "missing", detail)] };
    }
    const refusal = refuseTable(ports, pair, context.zones) ??
      await refuseEarlyExpiry(ports, pair, moment.now);
    if (refusal) return { ...before, findings: [...before.findings, refusal] };
    const page = { here: new Map(), there: outlived, remembered: new Map() };
    const table = { remembered: null, proofsHold: false, unstable: new Map() };
    const { findings, plans, partitions } = await examinePage(ports, pair, page, table, context);
    const planned = acceptRefused(tablePlan(pair.name, { findings }, plans), accepted);
    const [done] = dryRun ? [reportOf(planned)] : await repairTables(
      ports,
      role,
      [planned],
      new Map(),
      doubtOfRepairs(ports, discovery),
    );
    report = {
      ...report,
      partitions: report.partitions + partitions,
      findings: [...report.findings, ...done!.findings],
    };
  }
  return whole ? { ...report, remember: rememberWhole(pair, summaries, moment) } : report;
}

function rememberWhole(pair: TablePair, summaries: Summaries, moment: Moment): RememberedTable {
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
 * Compared tables from which rows may still come through views: those that are not whole, and, if rows pass through a
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
