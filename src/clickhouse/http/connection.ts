/** One ClickHouse server over HTTP: statements in, rows out, every one bounded and cancellable. */
import type { ClickHouseClient, ClickHouseSettings } from "@clickhouse/client-web";
import { assertAnswerTo, assertNoException, assertSameServer, decodeRows, writtenRows } from "./answers.ts";
import { bounded } from "./bounded_body.ts";
import { isAnswer, SiteError, STOPPING, toSiteError } from "./errors.ts";
import type { Answered, ConnectionOptions, Request, StatementOptions } from "./connection_options.ts";
import { openClient } from "./open_client.ts";
import { withCommonSettings } from "./common_settings.ts";
import { waryFetch } from "./wary_fetch.ts";
import { follow, type Written } from "./follow.ts";
import { literal } from "../sql/quoting.ts";
import { BOUNDED, READS_ONLY } from "./statement_settings.ts";
import { settingsClause } from "../sql/settings_clause.ts";
import { startClock } from "./sent_statement.ts";
import { Slots } from "./slots.ts";
import { KnownSettings, SETTINGS_QUESTION } from "../dialect/known_settings.ts";
import { inSmallerBlocks, withinMemory } from "./within_memory.ts";
import type { Patience } from "./statement_watch.ts";
import { awaitEnd, deadline, FATES, PATIENCE, progressStatement, watch } from "./statement_watch.ts";

/** Bytes of an answer to a question about the server itself: one row, or the names of its settings, some 50 kB. */
const ASKED_BYTES = 512 * 1024;
/** Milliseconds for questions about whether a server answers, or what became of a statement. */
const PROBE_MS = 5000;

/**
 * Statements of one check at a time on one server, what looks after them aside, unless the operator wants more tables at
 * a time. One with `remote()` makes the local server send one more to the remote one, which so sees twice as many at most.
 */
export const MAX_STATEMENTS = 16;

export class Connection {
  readonly site: "local" | "remote";
  readonly #options: ConnectionOptions;
  readonly #client: ClickHouseClient;
  /** Sends no settings but those that it is given. */
  readonly #bareClient: ClickHouseClient;
  readonly #patience: Patience;
  readonly #slots: Slots;
  readonly #known: KnownSettings;
  #statements = 0;
  /** By the name that it gives itself; null: no answer told it yet. */
  #server: string | null = null;
  /** Whether the last statement got no answer: then the next one first asks whether the server is there. */
  #doubted = false;

  constructor(options: ConnectionOptions) {
    this.site = options.site;
    this.#options = options;
    this.#known = new KnownSettings(options.site);
    this.#patience = options.patience ?? PATIENCE;
    this.#slots = new Slots(options.maxStatements ?? MAX_STATEMENTS);
    const { endpoint, redact } = options;
    const wary = waryFetch(options.fetch ?? fetch, redact);
    this.#client = openClient(endpoint, withCommonSettings(() => this.#known.common, wary));
    this.#bareClient = openClient(endpoint, wary);
  }

  /** Sends a SELECT, which is only allowed to read, and returns its rows. Throws a `SiteError`. */
  async rows<Row>(query: string, options: StatementOptions = {}): Promise<Row[]> {
    const reading = { ...options, settings: { ...options.settings, ...READS_ONLY } };
    const read = (step: number) =>
      this.#run(query, inSmallerBlocks(reading, step), async (request) => {
        const result = await this.#client.query({ ...request, format: "JSON" });
        const text = await result.text();
        this.#assertAnswer(request.query_id, result.response_headers);
        const answer = decodeRows<Row>(text);
        return { answer, rows: answer.length };
      });
    return await (options.long ? withinMemory(read) : read(0));
  }

  /** Sends a SELECT that returns exactly one row. An empty answer is an error: some limits cut answers off silently. */
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

  /** Sends a statement that returns no rows, and returns its `query_id`. Throws a `SiteError`. */
  async command(query: string, options: StatementOptions = {}): Promise<string> {
    return (await this.#exec(query, options)).queryId;
  }

  /**
   * Sends a question that takes no format, and returns its answer, tab-separated. Not as one that may only read: asked so,
   * CHECK GRANT denies every right to write. Throws a `SiteError`.
   */
  async text(query: string): Promise<string> {
    return (await this.#exec(query, {})).text;
  }

  async #exec(query: string, options: StatementOptions): Promise<{ queryId: string; text: string }> {
    return await this.#run(query, options, async (request) => {
      const { stream, response_headers } = await this.#client.exec(request);
      const text = await new Response(stream).text(); // an abandoned body would keep its connection
      this.#assertAnswer(request.query_id, response_headers);
      assertNoException(text);
      return { answer: { queryId: request.query_id, text }, rows: writtenRows(response_headers) };
    });
  }

  #assertAnswer(queryId: string, headers: Readonly<Record<string, unknown>>): void {
    assertAnswerTo(queryId, headers);
    this.#server = assertSameServer(this.#server, headers);
  }

  /** The version of a server that does not know all settings; null: it knows them, or has not been sent them yet. */
  get oldVersion(): string | null {
    return this.#known.version;
  }

  /** The `query_id` of a statement with this name. */
  queryId(name: string): string {
    return `${this.#options.queryIdPrefix}-${this.site}-${name}`;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #run<T>(query: string, options: StatementOptions, send: (request: Request) => Promise<Answered<T>>) {
    return await this.#known.sending(
      () => this.#send(query, options, send),
      () => this.#ask(...SETTINGS_QUESTION),
    );
  }

  async #send<T>(
    query: string,
    { long = false, settings = {}, inText = {}, unstoppable = false, atOnce, name, onWritten }:
      StatementOptions,
    send: (request: Request) => Promise<Answered<T>>,
  ): Promise<T> {
    const { signal, redact } = this.#options;
    using _slot = atOnce ? null : await this.#slots.take();
    if (!unstoppable && signal.aborted) throw new SiteError(this.site, null, STOPPING);
    if (this.#doubted) await this.#probe();
    const query_id = this.queryId(name ?? String(++this.#statements));
    // A signal of its own for every request: the client leaves listeners behind on a shared one.
    const abort = new AbortController();
    let givenUp: string | null = null;
    const giveUp = (why: string) => {
      givenUp ??= why;
      abort.abort();
    };
    const stop = () => giveUp(STOPPING);
    if (!unstoppable) signal.addEventListener("abort", stop, { once: true });
    const endWatch = long ? this.#watch(query_id, giveUp) : deadline(this.#patience.quick, giveUp);
    const unfollow = onWritten ? follow(() => this.#written(query_id), onWritten) : () => {};
    const told = { site: this.site, sql: query, queryId: query_id };
    const tell = startClock({ ...told, aside: false }, this.#options.onStatement);
    try {
      const { answer, rows } = await send({
        query: query + settingsClause(this.#known.filter(inText)),
        query_id,
        abort_signal: abort.signal,
        clickhouse_settings: this.#known.filter({ ...(long ? BOUNDED : {}), ...settings }),
      });
      tell({ outcome: "ok", rows });
      return answer;
    } catch (error) {
      endWatch();
      const known = toSiteError(error, this.site, redact);
      tell({ outcome: "failed", problem: givenUp ?? known.problem });
      if (givenUp === null && known.code !== null) throw known;
      throw await this.#lost(query_id, givenUp ?? known.problem, unstoppable && givenUp === null);
    } finally {
      endWatch();
      unfollow();
      signal.removeEventListener("abort", stop);
    }
  }

  #watch(queryId: string, giveUp: (why: string) => void): () => void {
    return watch(() => this.#look(queryId), { patience: this.#patience, denied: isAnswer, giveUp });
  }

  /** The server continues a statement whose connection is gone: it is found, and killed or waited for. */
  async #lost(queryId: string, problem: string, wait: boolean): Promise<SiteError> {
    const kill = async () => {
      await this.#ask(`KILL QUERY WHERE query_id = ${literal(queryId)} ASYNC`, assertNoException);
    };
    const fate = await awaitEnd(() => this.#look(queryId), wait ? null : kill, this.#patience);
    this.#doubted = fate === "unknown";
    return new SiteError(this.site, null, problem + FATES[fate](queryId), fate);
  }

  async #look(queryId: string): Promise<string | null> {
    return (await this.#progress(queryId))?.progress ?? null;
  }

  async #written(queryId: string): Promise<Written | null> {
    const row = await this.#progress(queryId);
    return row ? { rows: Number(row.written_rows), bytes: Number(row.written_bytes) } : null;
  }

  async #progress(queryId: string) {
    const decode = decodeRows<{ progress: string; written_rows: string; written_bytes: string }>;
    return (await this.#ask(`${progressStatement(queryId)} FORMAT JSON`, decode))[0];
  }

  /**
   * A question about the server itself, outside of the numbering of statements.
   *
   * @param alone settings to send it with in place of those that go with every statement
   */
  async #ask<T>(query: string, decode: (answer: string) => T, alone?: ClickHouseSettings): Promise<T> {
    const query_id = `ask-${crypto.randomUUID()}`;
    const told = { site: this.site, sql: query, queryId: query_id };
    const tell = startClock({ ...told, aside: true }, this.#options.onStatement);
    try {
      const { stream, response_headers } = await (alone ? this.#bareClient : this.#client).exec({
        query,
        query_id,
        abort_signal: AbortSignal.timeout(PROBE_MS),
        clickhouse_settings: alone ?? {},
      });
      const text = await new Response(bounded(stream, ASKED_BYTES)).text();
      assertAnswerTo(query_id, response_headers);
      const answer = decode(text);
      tell({ outcome: "ok" });
      return answer;
    } catch (error) {
      const known = toSiteError(error, this.site, this.#options.redact);
      tell({ outcome: "failed", problem: known.problem });
      throw known;
    }
  }

  /** Half a minute for each of a thousand statements would make a check take hours if a site is gone. */
  async #probe(): Promise<void> {
    try {
      await this.#ask("SELECT 1", assertNoException);
      this.#doubted = false;
    } catch (error) {
      if (!isAnswer(error)) throw error;
    }
  }
}
