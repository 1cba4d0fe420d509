/** Plausible: events, sessions whose rows cancel each other out, counters, imports, and tables of no MergeTree engine. */
import { LABEL, type SchemaFixture, table, typed } from "./fixture.ts";

const VISITOR = [
  ...typed("String", "referrer", "referrer_source", "utm_source"),
  "country_code FixedString(2)",
  ...typed(LABEL, "screen_size", "operating_system", "browser"),
  "city_geoname_id UInt32",
];
const imported = (name: string, column: string) =>
  table(`plausible.imported_${name}`, [
    "site_id UInt64",
    "date Date",
    `${column} String`,
    ...typed("UInt64", "visitors", "visits", "visit_duration", "import_id"),
    "bounces UInt32",
  ], `MergeTree ORDER BY (site_id, date, ${column}) SETTINGS replicated_deduplication_window = 0`);

export const PLAUSIBLE: SchemaFixture = {
  system: "Plausible",
  statements: [
    "CREATE DATABASE plausible",
    table(
      "plausible.events_v2",
      [
        "timestamp DateTime CODEC(Delta(4), LZ4)",
        `name ${LABEL}`,
        ...typed("UInt64", "site_id", "user_id", "session_id"),
        "hostname String",
        "pathname String CODEC(ZSTD(3))",
        ...VISITOR,
        "`meta.key` Array(String)",
        "`meta.value` Array(String)",
        "source String ALIAS referrer_source",
        "scroll_depth UInt8",
      ],
      "MergeTree PARTITION BY toYYYYMM(timestamp) PRIMARY KEY (site_id, toDate(timestamp), name, user_id) " +
        "ORDER BY (site_id, toDate(timestamp), name, user_id, timestamp) SAMPLE BY user_id",
    ),
    table(
      "plausible.sessions_v2",
      [
        "session_id UInt64",
        "sign Int8",
        ...typed("UInt64", "site_id", "user_id"),
        "hostname String",
        ...typed("DateTime CODEC(Delta(4), LZ4)", "timestamp", "start"),
        "is_bounce UInt8",
        ...typed("String", "entry_page", "exit_page"),
        ...typed("Int32", "pageviews", "events"),
        "duration UInt32",
        ...VISITOR,
        "INDEX minmax_timestamp timestamp TYPE minmax GRANULARITY 1",
      ],
      "VersionedCollapsingMergeTree(sign, events) PARTITION BY toYYYYMM(start) PRIMARY KEY (site_id, toDate(start), user_id, session_id) " +
        "ORDER BY (site_id, toDate(start), user_id, session_id) SAMPLE BY user_id",
    ),
    table(
      "plausible.ingest_counters",
      [
        "event_timebucket DateTime",
        `domain ${LABEL}`,
        "site_id Nullable(UInt64)",
        `metric ${LABEL}`,
        "value UInt64",
        "tracker_script_version UInt16",
      ],
      "SummingMergeTree(value) ORDER BY (domain, toDate(event_timebucket), metric, toStartOfMinute(event_timebucket), " +
        "tracker_script_version) SETTINGS allow_dimensions_outside_sorting_key = 1",
    ),
    imported("sources", "source"),
    imported("browsers", "browser"),
    "CREATE TABLE plausible.schema_migrations (version Int64, inserted_at DateTime) ENGINE = TinyLog",
    table(
      "plausible.location_data",
      [...typed(LABEL, "type"), "id String", "name String"],
      "MergeTree ORDER BY (type, id)",
    ),
  ],
  rows(site, from) {
    // Who begins a session draws its id.
    const session = `sipHash64('${site}', intDiv(number, 3))`;
    const visitor = "'', 'Google', '', 'FI', 'Desktop', 'Linux', 'Firefox', 0";
    const states = (select: string) =>
      `INSERT INTO plausible.sessions_v2 SELECT ${session}, sign, 1, cityHash64(trace), 'h', at, ` +
      `toDateTime('2026-01-05') + intDiv(number, 3) * 864, events = 1, '/in', '/out', events, events, events * 10, ${visitor} FROM ${select}`;
    return [
      `INSERT INTO plausible.events_v2 SELECT toDateTime(t), 'pageview', 1, cityHash64(trace), ${session}, 'h', ` +
      `concat('/', toString(number)), ${visitor}, ['k'], ['v'], 0 FROM ${from}`,
      // Each page view cancels the state of the session before it.
      states(`(SELECT *, toDateTime(t) AS at, 1 AS sign, number % 3 + 1 AS events FROM ${from})`),
      states(
        `(SELECT *, toDateTime(t) - 288 AS at, -1 AS sign, number % 3 AS events FROM ${from} WHERE number % 3 > 0)`,
      ),
      `INSERT INTO plausible.ingest_counters SELECT toStartOfMinute(toDateTime(t)) AS at, 'example.com', 1, 'buffered', count(), 0 ` +
      `FROM ${from} GROUP BY at`,
      `INSERT INTO plausible.imported_sources SELECT 1, toDate(t), concat('source ', toString(number)), 1, 1, 1, 7, 0 FROM ${from}`,
      `INSERT INTO plausible.imported_browsers SELECT 1, toDate(t), 'Firefox', number, 1, 1, 7, 0 FROM ${from}`,
      `INSERT INTO plausible.location_data SELECT 'city', toString(number), 'name' FROM numbers(100) WHERE (SELECT min(number) FROM ${from}) = 0`,
    ];
  },
  outcomes: {
    "plausible.events_v2": ["independent; partial, repaired", "rows missing", "independent"],
    "plausible.imported_browsers": ["partial, repaired", "the same rows", "in sync"],
    "plausible.imported_sources": ["partial, repaired", "the same rows", "in sync"],
    "plausible.ingest_counters": ["aggregated", "rows missing", "aggregated"],
    "plausible.location_data": ["in sync", "the same rows", "in sync"],
    "plausible.schema_migrations": ["left out", "nothing of its own", "left out"],
    "plausible.sessions_v2": ["unsupported", "rows missing", "unsupported"],
  },
  event: { "plausible.events_v2": "timestamp, pathname", "plausible.sessions_v2": "user_id" },
  excludes: ["plausible.events_v2", "plausible.sessions_v2", "plausible.ingest_counters"],
  left: {},
  standby: {},
};
