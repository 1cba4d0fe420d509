/** What a connection, and each of its statements, may be told. */
import type { ClickHouseSettings } from "@clickhouse/client-web";
import type { Endpoint } from "../../model/settings.ts";
import type { Written } from "./follow.ts";
import type { SentStatement } from "./sent_statement.ts";
import type { Patience } from "./statement_watch.ts";

export interface ConnectionOptions {
  readonly site: "local" | "remote";
  readonly endpoint: Endpoint;
  /** Default: the plain one, which trusts the well-known CA certificates. */
  readonly fetch?: typeof fetch;
  /** Of this connection at a time; default: `MAX_STATEMENTS`. */
  readonly maxStatements?: number;
  /** Prefix of every `query_id`, so that an operator finds the statements in `system.processes`. */
  readonly queryIdPrefix: string;
  readonly redact: (text: string) => string;
  /** Ends every running statement, also in the server. */
  readonly signal: AbortSignal;
  /** Called with each statement once it has ended. */
  readonly onStatement?: (statement: SentStatement) => void;
  /** Default: `PATIENCE`. */
  readonly patience?: Patience;
}

export interface StatementOptions {
  /** Reads or moves rows: may take as long as it makes progress. */
  readonly long?: boolean;
  readonly settings?: ClickHouseSettings;
  /**
   * Settings that stand in the statement's own text, which must take SETTINGS at its end: for those that read the other
   * site by `remote()`.
   */
  readonly inText?: ClickHouseSettings;
  /**
   * Continues when the connection's signal aborts, and when its answer is lost: for what cleans up, and for what must
   * not be interrupted.
   */
  readonly unstoppable?: boolean;
  /** Waits for no other statement: for what must follow a proof before that is old. */
  readonly atOnce?: boolean;
  /** Ends the `query_id`; default: the number of the statement. */
  readonly name?: string;
  /** Called every second with how much the statement has written. */
  readonly onWritten?: (written: Written) => void;
}

/** An answer, and how many rows it holds, or says were written. */
export interface Answered<T> {
  readonly answer: T;
  readonly rows: number | null;
}

/** What is sent to the client, with an id and a signal of its own. */
export interface Request {
  query: string;
  query_id: string;
  abort_signal: AbortSignal;
  clickhouse_settings: ClickHouseSettings;
}
