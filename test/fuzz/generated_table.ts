/** Tables with generated columns, keys and names, and what happened to them on two sites. */
import { fc } from "../support/seed.ts";
import { HOSTILE_NAMES } from "../support/data/hostile_names.ts";
import { TYPED_COLUMNS } from "../support/data/typed_columns.ts";

/** Rows of one insert: those of the numbers `from` to before `from + count`, in steps. */
export interface Batch {
  readonly from: number;
  readonly count: number;
  readonly step: number;
  /** How often each site gets it. */
  readonly here: number;
  readonly there: number;
  readonly mergeHere: boolean;
  readonly mergeThere: boolean;
}

export interface GeneratedTable {
  readonly name: string;
  /** Everything between the table's name and its settings. */
  readonly definition: string;
  /** The columns that an INSERT fills, quoted, and an expression over `number` for each. */
  readonly columns: readonly string[];
  readonly values: readonly string[];
  readonly batches: readonly Batch[];
}

/** Spread over some days, with a few rows without a time of day in common. */
const TIME = "toDateTime64('2026-01-01', 3, 'UTC') + (number % 7) * 86400 + number * 61";

const PARTITION_KEYS = [
  "toYYYYMMDD(ts)",
  "toYYYYMM(ts)",
  "toStartOfWeek(ts)",
  "toDate(ts)",
  "toStartOfDay(ts)",
  "toStartOfHour(ts)",
  "(toYYYYMM(ts), label)",
  "label",
  "cityHash64(id) % 3",
  "(id % 2, toMonday(ts))",
  "tuple()",
];
const SORTING_KEYS = [
  "ts",
  "(label, ts)",
  "(id, ts)",
  "id",
  "(toStartOfHour(ts), label, id)",
  "cityHash64(id)",
  "tuple()",
  "(label, cityHash64(id), ts)",
];

const quoted = (name: string) => "`" + name.replaceAll("\\", "\\\\").replaceAll("`", "\\`") + "`";

const batch: fc.Arbitrary<Batch> = fc.record({
  from: fc.integer({ min: 0, max: 300 }),
  // Often the same number at both sites, of other rows.
  count: fc.constantFrom(1, 10, 10, 10, 20, 60),
  step: fc.constantFrom(1, 1, 2, 7),
  here: fc.constantFrom(1, 1, 1, 1, 0, 0, 2),
  there: fc.constantFrom(1, 1, 1, 1, 1, 0, 2),
  mergeHere: fc.boolean(),
  mergeThere: fc.boolean(),
});

const computed = fc.constantFrom(
  "",
  "",
  ", `made up` UInt64 MATERIALIZED id * 2",
  ", `read only` String ALIAS upper(label)",
  ", `for others` UInt8 EPHEMERAL",
  ", `by default` UInt32 DEFAULT id + 1",
);
const extra = fc.constantFrom(
  "",
  "",
  ", INDEX i id TYPE minmax GRANULARITY 1",
  ", PROJECTION p (SELECT id, count() GROUP BY id)",
  ", CONSTRAINT c CHECK id < 1000000",
);

/** @param name of the table, unique; hostile ones come from the generator's own choice of a prefix */
export function generatedTable(number: number): fc.Arbitrary<GeneratedTable> {
  return fc.record({
    prefix: fc.constantFrom("t", ...HOSTILE_NAMES),
    types: fc.uniqueArray(fc.nat(TYPED_COLUMNS.length - 1), { minLength: 0, maxLength: 6 }),
    names: fc.shuffledSubarray([...HOSTILE_NAMES], { minLength: 6, maxLength: 6 }),
    partition: fc.constantFrom(...PARTITION_KEYS),
    order: fc.constantFrom(...SORTING_KEYS),
    computed,
    extra,
    granularity: fc.constantFrom(1, 16, 8192),
    ttl: fc.constantFrom("", "", " TTL toDateTime(ts) + INTERVAL 900 DAY"),
    batches: fc.array(batch, { minLength: 1, maxLength: 6 }),
  }).map(({ prefix, types, names, partition, order, computed, extra, granularity, ttl, batches }) => {
    // Flattened, the parts of a Nested column would need values of their own.
    const typed = types.map((index) => TYPED_COLUMNS[index]!).filter(({ type }) =>
      !type.startsWith("Nested")
    );
    const columns = typed.map((_, index) => quoted(names[index]!));
    const list = typed.map(({ type }, index) => `${columns[index]} ${type}`);
    return {
      name: `${prefix} ${number}`,
      definition: `(ts DateTime64(3, 'UTC'), id UInt32, label LowCardinality(String)${
        list.map((column) => `, ${column}`).join("")
      }${computed}${extra}) ENGINE = MergeTree PARTITION BY ${partition} ORDER BY ${order}${ttl} ` +
        `SETTINGS index_granularity = ${granularity}`,
      columns: ["ts", "id", "label", ...columns],
      values: [
        TIME,
        "toUInt32(number % 90)",
        "['a', 'b', ''][number % 3 + 1]",
        ...typed.map(({ value, type }) =>
          `_CAST(${value}, '${type.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}')`
        ),
      ],
      batches,
    };
  });
}

/** `database`.`table`, quoted. */
export function qualifiedName({ name }: GeneratedTable): string {
  return `d.${quoted(name)}`;
}
