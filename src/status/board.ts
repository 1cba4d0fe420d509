/** From what a check found, and what is remembered of partitions, to what the status page shows of them. */
import type { Board, BoardTable, Cell, NotSince, Outstanding, Tone } from "../model/board.ts";
import type { LackingPartition } from "../model/live.ts";
import type { RememberedPartition, RememberedPartitions } from "../model/memory.ts";
import { REASONS } from "../model/reason.ts";
import type { CheckReport, Finding, TableReport } from "../model/report.ts";
import { findingWords } from "../report/finding_words.ts";
import { isSettled } from "../verdict/clean.ts";

/** How much a page shows before it folds: some 200 kB of it at most. */
export interface BoardLimits {
  /** Tables in which something was found, and tables in sync. */
  readonly unsettled: number;
  readonly inSync: number;
  /** The newest partitions of a table, and further ones that something was found of. */
  readonly newest: number;
  readonly found: number;
}

export const OVERVIEW: BoardLimits = { unsettled: 60, inSync: 40, newest: 100, found: 60 };
/** Of one table that somebody asks for. */
export const ONE_TABLE: BoardLimits = { unsettled: 1, inSync: 1, newest: 1000, found: 1000 };

/** A partition that is being repaired, perhaps others with it. */
export interface Repairing {
  readonly table: string;
  readonly partitionId: string;
  readonly beside?: readonly LackingPartition[];
  /** Rows that are to come, of all of them. */
  readonly rows: bigint;
}

/** The tables of a report in the order in which the board has them, cut to what it shows; the rest by name. */
export function chooseTables(
  { tables }: Pick<CheckReport, "tables">,
  limits: BoardLimits,
): {
  readonly shown: readonly TableReport[];
  readonly foldedUnsettled: string[];
  readonly foldedInSync: string[];
} {
  const weight = ({ findings }: TableReport) => findings.every(isSettled) ? (findings.length > 0 ? 1 : 2) : 0;
  const missing = ({ findings }: TableReport) =>
    findings.reduce((sum, found) => found.repaired ? sum : sum + found.missing, 0n);
  const ordered = tables.toSorted((a, b) =>
    weight(a) - weight(b) || Number(missing(b) - missing(a)) || (a.table < b.table ? -1 : 1)
  );
  const found = ordered.filter((table) => weight(table) < 2);
  const inSync = ordered.filter((table) => weight(table) === 2);
  return {
    shown: [...found.slice(0, limits.unsettled), ...inSync.slice(0, limits.inSync)],
    foldedUnsettled: found.slice(limits.unsettled).map(({ table }) => table),
    foldedInSync: inSync.slice(limits.inSync).map(({ table }) => table),
  };
}

/**
 * @param remembered the newest partitions of each table that is shown, as the check left them
 * @param notSince set where later checks compared nothing
 */
export function buildBoard(
  report: Pick<CheckReport, "tables">,
  remembered: ReadonlyMap<string, RememberedPartitions>,
  repairing: Repairing | null,
  limits: BoardLimits,
  notSince: NotSince | null = null,
): Board {
  const { shown, foldedUnsettled, foldedInSync } = chooseTables(report, limits);
  const tables = shown.map((table) =>
    buildTable(table, remembered.get(table.table) ?? new Map(), repairing, limits, notSince !== null)
  );
  const names = new Set(tables.map(({ table }) => table));
  const folded = report.tables.filter(({ table }) => !names.has(table));
  const partitions = tables.reduce((sum, { cells, folded }) => sum + cells.length + folded, 0) +
    folded.reduce((sum, { partitions }) => sum + partitions, 0);
  const total = { tables: report.tables.length, partitions };
  return { notSince, total, outstanding: outstanding(report), tables, foldedUnsettled, foldedInSync };
}

/** Whether its partitions were compared: what is found of a table as a whole keeps it from that, but for what views are about. */
function isCompared({ partitions, findings }: TableReport): boolean {
  return partitions > 0 &&
    findings.every((found) =>
      found.partitionId !== null || isSettled(found) || found.reason === "derived" || found.reason === "views"
    );
}

function outstanding({ tables }: Pick<CheckReport, "tables">): Outstanding {
  const open = tables.flatMap(({ findings }) => findings.filter((found) => !isSettled(found)));
  const byYou = open.filter(({ reason }) => REASONS[reason].remedy === "never").length;
  const rows = open.reduce((sum, { missing }) => sum + missing, 0n);
  const unknown = tables.filter((table) => !isCompared(table) && !table.findings.every(isSettled)).length;
  return { rows, byItself: open.length - byYou, byYou, unknown };
}

function buildTable(
  report: TableReport,
  remembered: RememberedPartitions,
  repairing: Repairing | null,
  limits: BoardLimits,
  allPast: boolean,
): BoardTable {
  const { table, partitions, findings } = report;
  const compared = !allPast && isCompared(report);
  const past = compared ? {} : { past: true } as const;
  const newest = [...remembered.keys()].sort().slice(-limits.newest);
  const cells = new Map(
    newest.map((id): [string, Cell] => [id, { ...rememberedCell(id, remembered.get(id)!), ...past }]),
  );
  const ofPartitions = findings.filter(({ partitionId }) => partitionId !== null)
    .toSorted((a, b) =>
      Number(isSettled(a)) - Number(isSettled(b)) || (a.partitionId! < b.partitionId! ? 1 : -1)
    );
  const older = new Set(
    ofPartitions.filter(({ partitionId }) => !cells.has(partitionId!)).slice(0, limits.found),
  );
  const told = new Set<string>();
  for (const found of ofPartitions) {
    const id = found.partitionId!;
    // What is left alone of a partition counts for more than what was repaired of it.
    if (told.has(id)) continue;
    told.add(id);
    if (cells.has(id) || older.has(found)) {
      cells.set(id, { ...foundCell(id, found, cells.get(id) ?? null), ...allPast ? past : {} });
    }
  }
  if (repairing?.table === table) {
    const { partitionId, beside = [], rows } = repairing;
    const own = beside.reduce((left, { rows }) => left - rows, rows);
    for (const one of [{ partitionId, rows: own }, ...beside]) {
      const { past: _, ...cell } = cells.get(one.partitionId) ?? absentCell(one);
      cells.set(one.partitionId, { ...cell, tone: "repairing" });
    }
  }
  return {
    table,
    partitions,
    cells: [...cells.values()].sort((a, b) => a.partitionId < b.partitionId ? -1 : 1),
    folded: Math.max(0, partitions - cells.size),
    foldedFound: ofPartitions.filter(({ partitionId }) => !cells.has(partitionId!)).length,
    notes: findings.filter(({ partitionId }) => partitionId === null)
      .map(({ reason, detail }) => ({ reason, detail })),
    compared,
    settled: findings.every(isSettled),
  };
}

function rememberedCell(partitionId: string, before: RememberedPartition): Cell {
  const { rowsHere, rowsActive, digestedAt, proof } = before;
  const tone: Tone = proof !== null ? proof.reason ?? "sync" : digestedAt !== null ? "counted" : "unproven";
  const missing = 0n;
  const detail = proof?.reason ? REASONS[proof.reason].meaning : null;
  return { partitionId, tone, rowsHere, rowsActive, missing, provenAt: digestedAt, detail };
}

/** Of a partition that no check has told of yet: the one that is under way found it. */
function absentCell({ partitionId, rows }: LackingPartition): Cell {
  const nothing = { rowsHere: 0n, provenAt: null, detail: null };
  return { partitionId, tone: "repairing", rowsActive: rows, missing: rows, ...nothing };
}

function foundCell(partitionId: string, found: Finding, known: Cell | null): Cell {
  const { reason, repaired, rowsActive, missing } = found;
  return {
    partitionId,
    tone: repaired ? "repaired" : reason,
    rowsHere: repaired ? found.rowsHere + missing : found.rowsHere,
    rowsActive,
    missing: repaired ? 0n : missing,
    provenAt: known?.provenAt ?? null,
    detail: findingWords(found),
  };
}
