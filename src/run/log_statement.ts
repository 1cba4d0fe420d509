/** Statements in the log: what was asked of which server, and how long the answer took. */
import { getLogger } from "@logtape/logtape";
import type { SentStatement } from "../clickhouse/http/sent_statement.ts";
import { counted, shorten } from "../text/readable.ts";

const log = getLogger(["ch-sync"]);

/** Characters of a statement: enough to know it again. All of it is in `system.query_log`, under its `query_id`. */
const SHOWN = 500;

/** @param redact sees the whole statement: the half of a password is not recognised */
export function logStatement(
  { site, queryId, sql, outcome, milliseconds, rows, problem }: SentStatement,
  redact: (text: string) => string,
): void {
  log.debug("Statement at the {site} site: {answer}; query_id {query_id}: {sql}", () => ({
    site,
    answer: [
      `${outcome} after ${(milliseconds / 1000).toFixed(3)} s`,
      ...rows === null ? [] : [counted(rows, "row")],
      ...problem === null ? [] : [problem],
    ].join(", "),
    query_id: queryId,
    sql: shorten(redact(sql).replace(/\s+/g, " ").trim(), SHOWN),
  }));
}
