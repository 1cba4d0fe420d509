/** Writes a check into RESULTS_TABLE. Whatever goes wrong with that is a warning: the check is done, and kept elsewhere. */
import { getLogger } from "@logtape/logtape";
import { Connection } from "../clickhouse/http/connection.ts";
import { SiteError } from "../clickhouse/http/errors.ts";
import { openHttpAccess } from "../clickhouse/http/http_access.ts";
import { PATIENCE } from "../clickhouse/http/statement_watch.ts";
import { queryIdPrefix } from "../clickhouse/repair/leftover_statements.ts";
import { createResults, insertResult } from "../clickhouse/results/results_table.ts";
import { EXACT_INSERT } from "../clickhouse/http/statement_settings.ts";
import { errorText } from "../text/error_text.ts";
import type { Run } from "../model/run.ts";
import type { Settings } from "../model/settings.ts";
import { tableName } from "../model/table.ts";
import { logStatement } from "./log_statement.ts";

const log = getLogger(["ch-sync"]);

/** Milliseconds for each statement: the next check waits for it. */
const QUICK_MS = 10_000;

/** ClickHouse's number for a table that is not there. */
const NO_TABLE = 60;

export interface WriteResultsOptions {
  /** With the address of the replica that was picked. */
  readonly settings: Settings;
  readonly checkId: string;
  readonly redact: (text: string) => string;
  readonly signal: AbortSignal;
}

/** Creates the table if it is not there. Never throws. */
export async function writeResults(run: Run, options: WriteResultsOptions): Promise<void> {
  const { settings: { resultsTable: table, role, local, tls }, checkId, redact, signal } = options;
  if (table === null || signal.aborted) return;
  using http = openHttpAccess(tls);
  const connection = new Connection({
    site: "local",
    endpoint: local,
    fetch: http.fetch,
    patience: { ...PATIENCE, quick: QUICK_MS },
    queryIdPrefix: `${queryIdPrefix(role, checkId)}-results`,
    redact,
    signal,
    onStatement: (statement) => logStatement(statement, redact),
  });
  const insert = () => connection.command(insertResult(table, role, run, redact), { settings: EXACT_INSERT });
  try {
    await insert().catch(async (error) => {
      if (!(error instanceof SiteError) || error.code !== NO_TABLE) throw error;
      await connection.command(createResults(table));
      await insert();
    });
  } catch (error) {
    const name = tableName(table);
    log.warn("RESULTS_TABLE: this check is not in {table}: {problem}", {
      table: name,
      problem: redact(errorText(error)),
    });
  } finally {
    await connection.close();
  }
}
