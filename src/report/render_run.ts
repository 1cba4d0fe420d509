/** Kept checks as text for an operator. */
import type { NumberedRun, RunFinding } from "../model/run.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { counted, grouped, readableDuration } from "../text/readable.ts";

const HEAD = ["check", "began (UTC)", "took", "tables", "repaired", "missing", "result"];
/** Columns of figures. */
const RIGHT: ReadonlySet<number> = new Set([2, 3, 4, 5]);

/**
 * One line for each, under a head, and how to see more of one.
 *
 * @param stateFile beside which they are kept
 */
export function renderRuns(runs: readonly NumberedRun[], stateFile: string): string {
  const [first] = runs;
  if (!first) return `No check is kept beside ${stateFile} yet`;
  const rows = [HEAD, ...runs.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      RIGHT.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    ).join("  ").trimEnd()
  );
  return [...lines, "", `Repaired and missing are rows. One of them in full: ch-sync --history r${first.run}`]
    .map(escapeControls).join("\n");
}

function cells(run: NumberedRun): string[] {
  const { started_at, seconds, tables, rows_repaired, rows_missing } = run;
  return [
    `r${run.run}`,
    started_at.slice(0, 19).replace("T", " "),
    seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`,
    String(tables),
    grouped(rows_repaired),
    grouped(rows_missing),
    result(run),
  ];
}

function result({ outcome, limited: isLimited, clean, failback_ready }: NumberedRun): string {
  const limited = isLimited ? ", limited" : "";
  if (outcome === "standby") return "this site was the active one";
  if (outcome !== "completed") return outcome.replaceAll("_", " ") + limited;
  if (!isLimited && failback_ready) return "FAILBACK READY";
  return `${clean ? "clean" : "not clean"}${limited}`;
}

/** Figures, then what was found. */
export function renderRun(run: NumberedRun): string {
  const { started_at, seconds, active_site, error, scope, findings, findings_left_out } = run;
  const lines = [
    `Check r${run.run} of ${started_at}: ${result(run)}, in ${
      readableDuration(seconds)
    }; active site: ${active_site}`,
    ...error === null ? [] : [`Error: ${error}`],
    ...scope === null ? [] : [`Looked at: ${scope}`],
    `${counted(run.tables, "table")}, ${counted(run.partitions, "partition")} (${
      grouped(run.partitions_proven_before)
    } proven before, ` +
    `${grouped(run.partitions_counted_only)} only counted), ${
      counted(run.rows_compared, "row")
    } of the active site`,
    `Repaired: ${counted(run.partitions_repaired, "partition")}, ${
      counted(run.rows_repaired, "row")
    }; left missing: ` +
    `${counted(run.rows_missing, "row")}; clean checks in a row: ${grouped(run.consecutive_clean)}`,
    ...run.holds_through === null ? [] : [
      `This site held everything through ${run.holds_through}${
        findings.length > 0 ? ", but for what follows" : ""
      }`,
    ],
    ...findings.map(findingLine),
    ...findings_left_out > 0 ? [`and ${counted(findings_left_out, "more finding")}, not kept`] : [],
  ];
  return lines.map(escapeControls).join("\n");
}

function findingLine({ table, partition, reason, repaired, detail }: RunFinding): string {
  const where = partition === null ? "" : ` partition ${partition}`;
  return `  ${table}${where}: ${reason}${repaired ? ", repaired" : ""}: ${detail}`;
}
