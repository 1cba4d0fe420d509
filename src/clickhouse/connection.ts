/** One ClickHouse server over HTTP: statements in, rows out, every one bounded and cancellable. */
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from "@clickhouse/client-web";
import type { Endpoint } from "../model/settings.ts";
import { SiteError, toSiteError } from "./errors.ts";
import { literal } from "./quoting.ts";
import { BOUNDED, EXACT } from "./settings.ts";

/** Bounds of a statement, in milliseconds: what describes the site, and what reads or moves rows. */
const QUICK_MS = 60_000;
const LONG_MS = 6 * 3_600_000;

export interface ConnectionOptions {
  readonly site: "local" | "remote";
  readonly endpoint: Endpoint;
  /** Starts the `query_id` of every statement, so that an operator finds them in `system.processes`. */
  readonly queryIdPrefix: string;
  readonly redact: (text: string) => string;
  /** Ends every statement under way, also in the server. */
  readonly signal: AbortSignal;
}

export interface StatementOptions {
  /** Reads or moves rows: may take hours. */
  readonly long?: boolean;
  readonly settings?: ClickHouseSettings;
  /** Goes on when the connection's signal aborts: for what cleans up, and for what must not be torn. */
  readonly unstoppable?: boolean;
}

export class Connection {
  readonly site: "local" | "remote";
  readonly #options: ConnectionOptions;
  readonly #client: ClickHouseClient;
  #statements = 0;

  constructor(options: ConnectionOptions) {
    this.site = options.site;
    this.#options = options;
    const { url, user, password } = options.endpoint;
    this.#client = createClient({
      url,
      username: latin1(user),
      password: latin1(password),
      // Each statement has a bound of its own, which also covers the body; the client's ends at the headers.
      request_timeout: LONG_MS + QUICK_MS,
      // Errors after the first byte of an answer would lose their text: let the server finish first.
      clickhouse_settings: { ...EXACT, wait_end_of_query: 1 },
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  /** Sends a SELECT and returns its rows. Throws a `SiteError`. */
  async rows<Row>(query: string, options: StatementOptions = {}): Promise<Row[]> {
    return await this.#run(query, options, async (request) => {
      const result = await this.#client.query({ ...request, format: "JSONEachRow" });
      return await result.json<Row>();
    });
  }

  /** Sends a SELECT that answers with exactly one row. An empty answer is an error: limits cut off in silence. */
  async one<Row>(query: string, options: StatementOptions = {}): Promise<Row> {
    const rows = await this.rows<Row>(query, options);
    if (rows.length === 1) return rows[0]!;
    throw new SiteError(
      this.site,
      null,
      `a question for one row was answered with ${rows.length}; check the limits in the profile of user ` +
        this.#options.endpoint.user,
    );
  }

  /** Sends a statement that answers nothing, and returns its `query_id`. Throws a `SiteError`. */
  async command(query: string, options: StatementOptions = {}): Promise<string> {
    return await this.#run(query, options, async (request) => {
      const { stream } = await this.#client.exec(request);
      for await (const _ of stream); // an abandoned body would keep its connection
      return request.query_id;
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #run<T>(
    query: string,
    { long = false, settings = {}, unstoppable = false }: StatementOptions,
    send: (request: Request) => Promise<T>,
  ): Promise<T> {
    const { signal, queryIdPrefix, redact } = this.#options;
    if (!unstoppable && signal.aborted) throw new SiteError(this.site, null, "ch-sync is stopping");
    const query_id = `${queryIdPrefix}-${this.site}-${++this.#statements}`;
    // A signal of its own for every request: the client leaves listeners behind on a shared one.
    const abort = new AbortController();
    const stop = () => abort.abort();
    if (!unstoppable) signal.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(stop, long ? LONG_MS : QUICK_MS);
    try {
      return await send({
        query,
        query_id,
        abort_signal: abort.signal,
        clickhouse_settings: long ? { ...BOUNDED, ...settings } : settings,
      });
    } catch (error) {
      // The server goes on with a statement whose connection is gone.
      if (abort.signal.aborted) await this.#kill(query_id);
      if (signal.aborted && !unstoppable) throw new SiteError(this.site, null, "ch-sync is stopping");
      if (abort.signal.aborted) throw new SiteError(this.site, null, "Timeout: the statement took too long");
      throw toSiteError(error, this.site, redact);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  async #kill(queryId: string): Promise<void> {
    const abort = AbortSignal.timeout(3000);
    await this.#client.exec({
      query: `KILL QUERY WHERE query_id = ${literal(queryId)} SYNC`,
      abort_signal: abort,
    })
      .then(({ stream }) => stream.cancel())
      .catch(() => {}); // without the server there is nothing to kill
  }
}

interface Request {
  query: string;
  query_id: string;
  abort_signal: AbortSignal;
  clickhouse_settings: ClickHouseSettings;
}

/** The client encodes credentials with `btoa`, which takes one byte a character: give it the bytes of UTF-8. */
function latin1(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
