/** What happens to two sites between checks, as it happened in the field. */
import { fc } from "../../seed.ts";
import { createView, moment, momentOf, stamp, type Target, TARGETS, type TimeKind } from "./field_tables.ts";

export type SiteName = "primary" | "dr";
export type Where = SiteName | "both";

/** What a writer gives of its own: nothing, as all comes with the event; an id of its site; neither id nor stamp; no stamp. */
export type Writer = "shared" | "own ids" | "no ids" | "no stamps";

/**
 * Profiles with which nobody would run ch-sync. No answer may depend on them; only those that cut answers off where a limit is
 * reached may make a check fail.
 */
export const PROFILES: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { limit: 3, offset: 1, final: 1, extremes: 1 },
  { force_optimize_projection: 1, force_primary_key: 1, force_index_by_date: 1, max_partitions_to_read: 1 },
  { join_use_nulls: 1, group_by_use_nulls: 1, transform_null_in: 1, aggregate_functions_null_for_empty: 1 },
  { session_timezone: "Asia/Tokyo", date_time_output_format: "iso", cast_keep_nullable: 1 },
  { async_insert: 1, wait_for_async_insert: 0, optimize_on_insert: 1, max_partitions_per_insert_block: 1 },
  {
    additional_table_filters: "{'d.raw':'v % 2 = 0','d.copy':'v % 2 = 0'}",
    materialized_views_ignore_errors: 1,
  },
  {
    max_rows_to_read: 100,
    read_overflow_mode: "break",
    max_rows_to_group_by: 20,
    group_by_overflow_mode: "any",
  },
];
export const cutsOff = (profile: number) => "read_overflow_mode" in PROFILES[profile]!;

/** Two days of this year, and one that a TTL of ten years has taken. */
export const DAYS = ["2026-01-01", "2026-01-02", "2010-01-01"] as const;
const seconds = (day: typeof DAYS[number]) => Date.parse(`${day}T00:00:00Z`) / 1000;

/** Years after which rows expire: none, those of 2010, or hardly ever. */
export type Years = null | 10 | 50;

export type Step =
  | {
    readonly kind: "insert";
    readonly at: Where;
    readonly day: typeof DAYS[number];
    readonly writer: Writer;
  }
  | { readonly kind: "fresh"; readonly at: Where }
  | { readonly kind: "drop view" | "make view"; readonly at: Where; readonly target: Target }
  | {
    readonly kind: "write target";
    readonly at: Where;
    readonly target: Target;
    readonly day: typeof DAYS[number];
  }
  | {
    readonly kind: "lose rows";
    readonly at: SiteName;
    readonly day: typeof DAYS[number];
    readonly part: 1 | 2 | 3;
  }
  | { readonly kind: "hide rows"; readonly at: "dr"; readonly day: typeof DAYS[number] }
  | { readonly kind: "lose target"; readonly at: "dr"; readonly target: Target; readonly part: 1 | 2 | 3 }
  | {
    readonly kind: "expire rows";
    readonly at: Where;
    readonly table: "raw" | "copy" | "sums";
    readonly years: Years;
  }
  | { readonly kind: "expire notes"; readonly at: Where; readonly years: Years }
  | { readonly kind: "profile"; readonly at: SiteName; readonly profile: number }
  | { readonly kind: "check"; readonly settleSeconds: number; readonly deep: boolean };

const one = fc.constantFrom;
const day = one(...DAYS, DAYS[0], DAYS[1]);
const site = one<Where>("primary", "dr", "both");
const target = one(...TARGETS);
const part = one<1 | 2 | 3>(1, 2, 3);
const years = one<Years>(null, 10, 10, 50);
/** By weight; the sets after the first are part of some histories only, as what they do keeps the source from being compared. */
const ALWAYS: readonly [number, fc.Arbitrary<Step>][] = [
  [6, fc.record({ kind: one("insert"), at: one("both", "primary", "primary"), day, writer: one("shared") })],
  [1, fc.record({ kind: one("fresh"), at: one("both", "primary", "dr") })],
  [2, fc.record({ kind: one("drop view"), at: one("dr", "primary"), target })],
  [2, fc.record({ kind: one("make view"), at: site, target })],
  [2, fc.record({ kind: one("write target"), at: one("primary", "primary", "dr", "both"), target, day })],
  [2, fc.record({ kind: one("lose rows"), at: one("dr"), day, part })],
  [1, fc.record({ kind: one("lose target"), at: one("dr"), target, part })],
  [2, fc.record({ kind: one("profile"), at: one("primary", "dr"), profile: fc.nat(PROFILES.length - 1) })],
  [2, fc.record({ kind: one("check"), settleSeconds: one(0, 600), deep: fc.boolean() })],
];
const writer = one<Writer>("own ids", "no ids", "no stamps");
const OWN: typeof ALWAYS = [
  [3, fc.record({ kind: one("insert"), at: one("both", "both", "primary", "dr"), day, writer })],
];
const EXPIRING: typeof ALWAYS = [
  [3, fc.record({ kind: one("expire rows"), at: site, table: one("raw", "copy", "sums"), years })],
  [1, fc.record({ kind: one("expire notes"), at: site, years })],
];
const DELETING: typeof ALWAYS = [
  [1, fc.record({ kind: one("hide rows"), at: one("dr"), day })],
  [1, fc.record({ kind: one("lose rows"), at: one("primary"), day, part })],
];

export interface History {
  readonly time: TimeKind;
  /** Whether TIME_COLUMNS names a time that is a whole number. */
  readonly named: boolean;
  /** Whether each site makes up an id where a writer gives none. */
  readonly madeUp: boolean;
  readonly steps: readonly Step[];
  /** Whether views are made again, where they are missing, before the last checks. */
  readonly mended: boolean;
}

const sometimes = (steps: typeof ALWAYS) => one(steps, [], []);
export const history: fc.Arbitrary<History> = fc.record({
  time: one<TimeKind>("DateTime", "DateTime", "s", "ms", "ns"),
  steps: fc.tuple(...[OWN, EXPIRING, DELETING].map(sometimes)).chain((more) => {
    const step = fc.oneof(
      ...[...ALWAYS, ...more.flat()].map(([weight, arbitrary]) => ({ weight, arbitrary })),
    );
    return fc.array(step, { minLength: 4, maxLength: 14, size: "max" });
  }),
  named: fc.boolean(),
  madeUp: one(true, false, false),
  mended: fc.boolean(),
}, { noNullPrototype: true });

const SYNC = "SETTINGS mutations_sync = 2";
/** Rows of a batch: half an hour apart, and no two batches have one in common. */
const ROWS = 30;

/**
 * The statement by which a step happens at a site; `null`: none.
 *
 * @param number that no other step has
 * @param now unix seconds
 */
export function statement(
  step: Step,
  at: SiteName,
  number: number,
  { time, madeUp }: Pick<History, "time" | "madeUp">,
  now: number,
): string | null {
  switch (step.kind) {
    case "insert":
      return insert(
        step.writer === "no ids" && !madeUp ? "own ids" : step.writer,
        at,
        number,
        time,
        `${seconds(step.day)} + number * 1800 + ${number * 7}`,
      );
    case "fresh":
      return insert("shared", at, number, time, `${now} - 60 + number`);
    case "drop view":
      return `DROP TABLE IF EXISTS d.to_${step.target} SYNC`;
    case "make view":
      return createView(step.target, time);
    case "write target":
      return writeTarget(step.target, number, time, seconds(step.day) + 18_000);
    case "lose rows":
      return step.part === 1
        ? `ALTER TABLE d.raw DROP PARTITION ID '${step.day.replaceAll("-", "")}'`
        : `ALTER TABLE d.raw DELETE WHERE ${on(step.day, time)} AND v % ${step.part} = 0 ${SYNC}`;
    case "hide rows":
      return `DELETE FROM d.raw WHERE ${on(step.day, time)} AND v % 5 = 0`;
    case "lose target":
      return step.part === 1
        ? `TRUNCATE TABLE d.${step.target}`
        : `ALTER TABLE d.${step.target} DELETE WHERE ${PARTS[step.target]} % ${step.part} = 0 ${SYNC}`;
    case "expire rows":
      return step.years === null
        ? null
        : `ALTER TABLE d.${step.table} MODIFY TTL ${
          momentOf(step.table, time)
        } + INTERVAL ${step.years} YEAR ${SYNC}`;
    case "expire notes":
      return step.years === null
        ? null
        : `ALTER TABLE d.raw MODIFY COLUMN note String TTL ${
          moment(time, "ts")
        } + INTERVAL ${step.years} YEAR ${SYNC}`;
    case "profile":
    case "check":
      return null;
  }
}

/** A number by which some rows of a target are told from others. */
const PARTS: Readonly<Record<Target, string>> = {
  copy: "v",
  sums: "toHour(hour)",
  spans: "toUInt8(substring(service, 2))",
};

function on(day: string, time: TimeKind): string {
  return `toDate(${moment(time, "ts")}) = '${day}'`;
}

function insert(writer: Writer, at: SiteName, number: number, time: TimeKind, seconds: string): string {
  const v = `${number * 1000} + number`;
  const given: Record<string, string> = {
    ts: stamp(time, seconds),
    id: `concat('${writer === "own ids" ? at : "event"}-', toString(${v}))`,
    service: "concat('s', toString(number % 3))",
    v,
    note: "concat('note ', toString(number % 2))",
    seen: `toDateTime64(${seconds}, 9, 'UTC')`,
  };
  if (writer === "no ids") delete given.id;
  if (writer === "no ids" || writer === "no stamps") delete given.seen;
  return `INSERT INTO d.raw (${Object.keys(given)}) SELECT ${Object.values(given)} FROM numbers(${ROWS})`;
}

function writeTarget(target: Target, number: number, time: TimeKind, seconds: number): string {
  const ts = stamp(time, String(seconds + number));
  const values = {
    copy: `${ts}, 'direct', ${number}`,
    sums: `toStartOfHour(toDateTime(${seconds}, 'UTC')), 's1', 3`,
    spans: `'s1', ${ts}, ${ts}, 3`,
  };
  return `INSERT INTO d.${target} SELECT ${values[target]}`;
}

/** What a step writes into a target itself, by key as in MEASURES: rows, or what is added up. */
export const DIRECTLY: Readonly<Record<Target, number>> = { copy: 1, sums: 3, spans: 3 };
