/** What came of `ch-sync accept`, from the report of the check that took it up. */
import type { Answer } from "../model/control.ts";
import type { CheckReport, Finding } from "../model/report.ts";
import { isSettled } from "../verdict/clean.ts";
import { findingWords, yearOf } from "./finding_words.ts";

/** Findings that are told one by one. */
const LISTED = 20;

/** @param names `DB.TABLE` or `DB.TABLE:PARTITION` */
export function acceptedOutcome(report: CheckReport, names: readonly string[]): Answer {
  if (report.outcome === "standby") {
    return { code: 1, lines: ["This site is the active one: nothing is repaired here"] };
  }
  if (report.outcome !== "completed") {
    return { code: 1, lines: [`The check was not completed: ${report.error ?? "ch-sync was shut down"}`] };
  }
  const concerned = report.tables.flatMap(({ findings }) => findings).filter((found) =>
    isNamed(found, names)
  );
  const told = concerned.filter((found) => found.repaired || !isSettled(found));
  const lines = told.slice(0, LISTED).map((found) => {
    const { table, partitionId, reason, repaired } = found;
    const where = partitionId === null ? table : `${table} partition ${partitionId}`;
    return `${where}: ${reason}${repaired ? ", repaired" : ", not repaired"}: ${
      findingWords(found, yearOf(report))
    }`;
  });
  const more = told.length > LISTED ? [`and ${told.length - LISTED} more: see the log`] : [];
  if (lines.length === 0) lines.push("Nothing is missing there any longer");
  return { code: concerned.every(isSettled) ? 0 : 3, lines: [...lines, ...more] };
}

function isNamed({ table, partitionId }: Finding, names: readonly string[]): boolean {
  return names.some((name) => name === table || name === `${table}:${partitionId}`);
}
