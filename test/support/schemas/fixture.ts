/** A product's tables as it makes them itself, and what its writers put into them at two sites. */
import type { SiteName } from "../../../src/model/site.ts";

/** What two sites hold of a table after a repair. */
export type Holds =
  /** Row by row the same. */
  | "the same rows"
  /** The same once the engine has merged them. */
  | "the same once merged"
  /** All of the active site's rows, and some that only this site's writer made. */
  | "all rows, and its own"
  /** All of the active site's keys, some with what this site's writer, or another order of inserts, made of them. */
  | "all keys, other values"
  /** Some event is here twice. */
  | "events twice"
  /** Something of the active site is still not here. */
  | "rows missing"
  /** Its engine holds no rows of its own. */
  | "nothing of its own";

/** Of one table: what a check says that repairs, what the sites hold then, and what the next check says. */
export type Outcome = readonly [said: string, holds: Holds, then: string];

export interface SchemaFixture {
  /** As its makers write it; the heading of its section in docs/schemas.md. */
  readonly system: string;
  /** Make databases, tables and views; the same at both sites. */
  readonly statements: readonly string[];
  /**
   * The inserts of one site's writer.
   *
   * @param from a subquery with the events that reached the writer: see {@link events}
   */
  rows(site: SiteName, from: string): readonly string[];
  /** By `database.table`, every table of the product. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** For tables to which each site's writer adds an id of its own: the columns that name an event at both sites. */
  readonly event?: Readonly<Record<string, string>>;
  /** For tables that are read through a query: what they come down to. */
  readonly merged?: Readonly<Record<string, string>>;
  /** What an operator excludes, besides the default. */
  readonly excludes: readonly string[];
  /** What then still keeps FAILBACK READY away: reasons by table; empty: nothing. */
  readonly left: Readonly<Record<string, string>>;
  /** Where only the active site's writer writes: what is not the same at both sites then, or keeps READY away, by table. */
  readonly standby?: Readonly<Record<string, string>>;
}

/** Nine hundred events over three days; nothing depends on the day on which they are looked at. */
export const EVENTS = 900;
/** The events that did not reach this site: the evening of the first day, the second, the morning of the third. */
export const OUTAGE = "number BETWEEN 249 AND 650";
/** Longer than any test: what a product would expire after days must not expire here. */
export const TEN_YEARS = 315_360_000;

/**
 * Events as a subquery: `number`, its time as `t` (DateTime64(9)), `ns` and `ms`, `service`, hexadecimal `trace` (three
 * events each), `span` and `parent`, and the map `resource`. The same numbers make the same events.
 */
export function events(where: string): string {
  return `(SELECT number, toDateTime64('2026-01-05 00:00:00', 9, 'UTC') + toIntervalSecond(number * 288) AS t, ` +
    `toUnixTimestamp64Nano(t) AS ns, toUnixTimestamp64Milli(t) AS ms, concat('svc-', toString(number % 5)) AS service, ` +
    `lower(hex(sipHash128(intDiv(number, 3)))) AS trace, lower(hex(cityHash64(number))) AS span, ` +
    `if(number % 3 = 0, '', lower(hex(cityHash64(number - 1)))) AS parent, ` +
    `map('service.name', service, 'host.name', concat('h', toString(number % 9))) AS resource ` +
    `FROM numbers(${EVENTS}) WHERE ${where})`;
}

/** `CREATE TABLE` from its columns and what follows them. */
export function table(name: string, columns: readonly string[], tail: string): string {
  return `CREATE TABLE ${name} (${columns.join(", ")}) ENGINE = ${tail}`;
}

/** `CREATE MATERIALIZED VIEW` into a table. */
export function view(name: string, target: string, select: string): string {
  return `CREATE MATERIALIZED VIEW ${name} TO ${target} AS ${select}`;
}

/** `names` as columns of one type. */
export function typed(type: string, ...names: readonly string[]): string[] {
  return names.map((name) => `${name} ${type}`);
}

export const LABEL = "LowCardinality(String)";
export const ATTRIBUTES = "Map(LowCardinality(String), String)";

/**
 * `CREATE TABLE` of an engine that adds rows up, with columns that are neither in its key nor added up. A current server
 * makes one only if it is told to; those that an older server made have no such setting.
 */
export function olderTable(name: string, columns: readonly string[], tail: string): string[] {
  const setting = "allow_dimensions_outside_sorting_key";
  const settings = tail.includes(" SETTINGS ")
    ? `${tail}, ${setting} = 1`
    : `${tail} SETTINGS ${setting} = 1`;
  return [table(name, columns, settings), `ALTER TABLE ${name} RESET SETTING ${setting}`];
}
