/** A source with three targets of its views, as systems in the field define them. */

/** How the time of a row is written: as a DateTime, or as a whole number of this unit. */
export type TimeKind = "DateTime" | "s" | "ms" | "ns";

const NUMBERS: Readonly<Record<Exclude<TimeKind, "DateTime">, readonly [string, string]>> = {
  s: ["UInt32", "1"],
  ms: ["Int64", "1000"],
  ns: ["UInt64", "1000000000"],
};

/** What TIME_COLUMNS says of such a time. */
export const UNITS = { s: "seconds", ms: "milliseconds", ns: "nanoseconds" } as const;

/** SQL of a time, from SQL of its seconds since 1970. */
export function stamp(time: TimeKind, seconds: string): string {
  if (time === "DateTime") return `toDateTime(${seconds}, 'UTC')`;
  const [type, unit] = NUMBERS[time];
  return `to${type}(to${type}(${seconds}) * ${unit})`;
}

/** SQL of a DateTime, from the column of a time. */
export function moment(time: TimeKind, column: string): string {
  return time === "DateTime" ? column : `toDateTime(intDiv(${column}, ${NUMBERS[time][1]}), 'UTC')`;
}

export const TARGETS = ["copy", "sums", "spans"] as const;
export type Target = typeof TARGETS[number];
export type TableName = "raw" | Target;

/** What each view selects from `d.raw`. */
function selects(time: TimeKind): Readonly<Record<Target, string>> {
  return {
    copy: "SELECT ts, service, v FROM d.raw WHERE v % 3 != 0",
    sums: `SELECT toStartOfHour(${
      moment(time, "ts")
    }) AS hour, service, count() AS n FROM d.raw GROUP BY hour, service`,
    spans: "SELECT service, min(ts) AS since, max(ts) AS until, count() AS n FROM d.raw GROUP BY service",
  };
}

export function createView(target: Target, time: TimeKind): string {
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS d.to_${target} TO d.${target} AS ${selects(time)[target]}`;
}

/** Tables without views. The id stands in the sorting key; if `madeUp`, each site makes one up where a writer gives none. */
export function createTables(time: TimeKind, madeUp: boolean): string[] {
  const type = time === "DateTime" ? "DateTime('UTC')" : NUMBERS[time][0];
  const day = `toYYYYMMDD(${moment(time, "ts")})`;
  return [
    `CREATE TABLE d.raw (ts ${type}, id String${
      madeUp ? " DEFAULT toString(generateUUIDv4())" : ""
    }, service String, v UInt32, note String, ` +
    `seen DateTime64(9, 'UTC') DEFAULT now64(9)) ENGINE = MergeTree PARTITION BY ${day} ORDER BY (service, ts, id)`,
    `CREATE TABLE d.copy (ts ${type}, service String, v UInt32) ENGINE = MergeTree ` +
    `PARTITION BY toYYYYMM(${moment(time, "ts")}) ORDER BY ts`,
    "CREATE TABLE d.sums (hour DateTime('UTC'), service String, n UInt64) ENGINE = SummingMergeTree " +
    "PARTITION BY toYYYYMM(hour) ORDER BY (hour, service)",
    `CREATE TABLE d.spans (service String, since ${type}, until ${type}, n UInt64) ENGINE = MergeTree ` +
    "ORDER BY (service, since)",
  ];
}

/** The column of a row's time, as a DateTime. */
export function momentOf(table: TableName, time: TimeKind): string {
  return {
    raw: moment(time, "ts"),
    copy: moment(time, "ts"),
    sums: "hour",
    spans: moment(time, "until"),
  }[table];
}

/** What each table comes down to: `k`, a key, and `n`, how often it is there, of the rows that a condition is true of. */
export const MEASURES: Readonly<Record<TableName, (where: string) => string>> = {
  raw: (where) =>
    `SELECT toString((ts, id, service, v, note)) AS k, count() AS n FROM d.raw WHERE ${where} GROUP BY k`,
  copy: (where) =>
    `SELECT toString((ts, service, v)) AS k, count() AS n FROM d.copy WHERE ${where} GROUP BY k`,
  sums: (where) =>
    `SELECT toString((hour, service)) AS k, sum(n) AS n FROM d.sums WHERE ${where} GROUP BY hour, service`,
  spans: (where) => `SELECT service AS k, sum(n) AS n FROM d.spans WHERE ${where} GROUP BY service`,
};

/** Where rows of the source are kept before some of them go. */
export const KEEP = "CREATE TABLE d.gone AS d.raw ENGINE = MergeTree ORDER BY ts";
export const KEEP_ROWS = "INSERT INTO d.gone SELECT * FROM d.raw";

/** The same of what the views make of all rows that the source holds, or held before some went. */
export function made(target: Target, time: TimeKind): string {
  const columns = "ts, id, service, v";
  const ever =
    `(SELECT DISTINCT ${columns} FROM (SELECT ${columns} FROM d.raw UNION ALL SELECT ${columns} FROM d.gone))`;
  const from = `(${selects(time)[target].replace("FROM d.raw", `FROM ${ever}`)})`;
  return MEASURES[target]("1").replace(`d.${target}`, from);
}
