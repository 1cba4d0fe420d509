/** A database that a drill makes and removes on one server. */
import type { Connection } from "../clickhouse/http/connection.ts";
import { decoded } from "../clickhouse/http/decode.ts";
import { SiteError } from "../clickhouse/http/errors.ts";
import { identifier, literal } from "../clickhouse/sql/quoting.ts";

/** No other database has this prefix, and no check syncs one that has it. */
export const SCRATCH_PREFIX = "ch_sync_drill_";

/** ClickHouse error codes that mean that nothing was made: it exists, or the user may not. */
const NOT_MADE: readonly (number | null)[] = [82, 164, 497, 516];

/** The rows of one day. */
export interface ScratchRows {
  /** As `2020-01-01`. */
  readonly day: string;
  readonly rows: number;
  /** SQL on `number`: which of them are loaded. */
  readonly where: string;
}

/** Of a multiset of rows: how many there are, and two sums, by modulo 2^64. */
export interface Content {
  readonly rows: bigint;
  readonly hashes: bigint;
  readonly squares: bigint;
}

export class ScratchDatabase {
  /** Its server in words, as `the local site`, or `shard 2 of the local site (http://…)`. */
  readonly place: string;
  readonly #connection: Connection;
  readonly #name: string;
  #made = false;

  constructor(connection: Connection, name: string, place: string) {
    this.#connection = connection;
    this.#name = name;
    this.place = place;
  }

  /** Scratch databases on this server with this prefix. */
  async others(prefix: string): Promise<string[]> {
    const statement = `SELECT name FROM system.databases WHERE startsWith(name, ${
      literal(prefix)
    }) AND name != ${literal(this.#name)}`;
    return (await this.#connection.rows<{ name: string }>(statement)).map(({ name }) => name);
  }

  /** Whether this object made the database, or may have made it (nobody knows if the answer was lost), and has not dropped it. */
  get made(): boolean {
    return this.#made;
  }

  /** Makes a table like those that collectors fill. Fails if there is a database of this name, and leaves it as it is. */
  async create(): Promise<void> {
    try {
      this.#made = true;
      await this.#connection.command(`CREATE DATABASE ${identifier(this.#name)}`);
    } catch (error) {
      this.#made = !(error instanceof SiteError && NOT_MADE.includes(error.code));
      throw error;
    }
    await this.#connection.command(
      `CREATE TABLE ${this.#table()} (ts DateTime64(3, 'UTC'), service LowCardinality(String), status UInt16, ` +
        "url String, attributes Map(String, String)) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)",
    );
  }

  /** The same numbers make the same rows. */
  async load({ day, rows, where }: ScratchRows): Promise<void> {
    const step = Math.floor(86_400_000 / rows);
    await this.#connection.command(
      `INSERT INTO ${this.#table()} SELECT toDateTime64(${literal(`${day} 00:00:00`)}, 3, 'UTC') + ` +
        `INTERVAL number * ${step} MILLISECOND, concat('service-', toString(number % 20)), 200 + number % 5, ` +
        "concat('/path/', toString(number * 7919 % 100003)), map('host', toString(number % 97)) " +
        `FROM numbers(${rows}) WHERE ${where}`,
      { long: true },
    );
  }

  /** The same for the same multiset of rows, computed by other functions than a check uses. */
  async content(): Promise<Content> {
    const hash = "sipHash64(ts, service, status, url, toString(attributes))";
    const row = await this.#connection.one<{ rows: string; sum: string; squares: string }>(
      `SELECT toString(count()) AS rows, toString(sum(${hash})) AS sum, ` +
        `toString(sum(${hash} * intHash64(${hash}))) AS squares FROM ${this.#table()}`,
      { long: true },
    );
    return decoded(this.#connection.site, () => ({
      rows: BigInt(row.rows),
      hashes: BigInt(row.sum),
      squares: BigInt(row.squares),
    }));
  }

  /** Is finished even if ch-sync is shutting down. */
  async drop(name = this.#name): Promise<void> {
    await this.#connection.command(`DROP DATABASE IF EXISTS ${identifier(name)} SYNC`, { unstoppable: true });
    if (name === this.#name) this.#made = false;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #table(): string {
    return `${identifier(this.#name)}.http`;
  }
}
