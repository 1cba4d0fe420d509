/** PostHog: everything comes through Kafka tables and views, into tables that replace, collapse or add up rows. */
import { LABEL, olderTable, type SchemaFixture, table, typed, view } from "./fixture.ts";

const KAFKA = ["_timestamp DateTime", "_offset UInt64"];
const PERSON = [
  "id UUID",
  "created_at DateTime64",
  "team_id Int64",
  "properties VARCHAR",
  ...typed("Int8", "is_identified", "is_deleted"),
  "version UInt64",
];
const DISTINCT = [
  "team_id Int64",
  "distinct_id VARCHAR",
  "person_id UUID",
  "is_deleted Int8",
  "version Int64",
];
const EVENT = [
  "uuid UUID",
  "event VARCHAR",
  "properties VARCHAR CODEC(ZSTD(3))",
  "timestamp DateTime64(6, 'UTC')",
  "team_id Int64",
  "distinct_id VARCHAR",
  "elements_chain VARCHAR",
  "created_at DateTime64(6, 'UTC')",
  "person_id UUID",
  "person_mode Enum8('full' = 0, 'propertyless' = 1, 'force_upgrade' = 2)",
];
const kafka = (name: string, columns: readonly string[]) =>
  table(
    `posthog.kafka_${name}`,
    columns.map((column) => column.replace(/ CODEC.*$/, "")),
    `Kafka('127.0.0.1:1', 'clickhouse_${name}', 'group1', 'JSONEachRow')`,
  );
const SESSION_TIME = "fromUnixTimestamp(intDiv(toUInt64(bitShiftRight(session_id_v7, 80)), 1000))";

export const POSTHOG: SchemaFixture = {
  system: "PostHog",
  statements: [
    "CREATE DATABASE posthog",
    kafka("events_json", EVENT),
    kafka("person", PERSON),
    table(
      "posthog.sharded_events",
      [
        ...EVENT,
        "`$session_id` VARCHAR MATERIALIZED replaceRegexpAll(JSONExtractRaw(properties, '$session_id'), '^\"|\"$', '')",
        "elements_chain_texts Array(String) MATERIALIZED arrayDistinct(extractAll(elements_chain, 'text=\"(.*?)\"'))",
        ...KAFKA,
        "inserted_at Nullable(DateTime64(6, 'UTC')) DEFAULT NOW64()",
        "INDEX `minmax_$session_id` `$session_id` TYPE minmax GRANULARITY 1",
        "INDEX kafka_timestamp_minmax_sharded_events _timestamp TYPE minmax GRANULARITY 3",
      ],
      "ReplacingMergeTree(_timestamp) PARTITION BY toYYYYMM(timestamp) " +
        "ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid)) SAMPLE BY cityHash64(distinct_id)",
    ),
    "CREATE TABLE posthog.events AS posthog.sharded_events ENGINE = Distributed('cluster', 'posthog', 'sharded_events', " +
    "sipHash64(distinct_id))",
    table("posthog.person", [...PERSON, ...KAFKA], "ReplacingMergeTree(version) ORDER BY (team_id, id)"),
    table(
      "posthog.person_distinct_id2",
      [...DISTINCT, ...KAFKA, "_partition UInt64"],
      "ReplacingMergeTree(version) ORDER BY (team_id, distinct_id) SETTINGS index_granularity = 512",
    ),
    table(
      "posthog.person_distinct_id_overrides",
      [...DISTINCT, ...KAFKA, "_partition UInt64"],
      "ReplacingMergeTree(version) ORDER BY (team_id, distinct_id) SETTINGS index_granularity = 512",
    ),
    table("posthog.person_static_cohort", [
      "id UUID",
      "person_id UUID",
      ...typed("Int64", "cohort_id", "team_id"),
      ...KAFKA,
    ], "ReplacingMergeTree(_timestamp) ORDER BY (team_id, cohort_id, person_id, id)"),
    table("posthog.cohortpeople", [
      "person_id UUID",
      ...typed("Int64", "cohort_id", "team_id"),
      "sign Int8",
      "version UInt64",
    ], "CollapsingMergeTree(sign) ORDER BY (team_id, cohort_id, person_id, version)"),
    table("posthog.groups", [
      "group_type_index UInt8",
      "group_key VARCHAR",
      "created_at DateTime64",
      "team_id Int64",
      "group_properties VARCHAR",
      ...KAFKA,
    ], "ReplacingMergeTree(_timestamp) ORDER BY (team_id, group_type_index, group_key)"),
    table(
      "posthog.sharded_ingestion_warnings",
      [
        "team_id Int64",
        `source ${LABEL}`,
        "type VARCHAR",
        "details VARCHAR",
        "timestamp DateTime64(6, 'UTC')",
        ...KAFKA,
        "_partition UInt64",
      ],
      "MergeTree PARTITION BY toYYYYMMDD(timestamp) ORDER BY (team_id, toHour(timestamp), type, source, timestamp)",
    ),
    ...olderTable(
      "posthog.sharded_app_metrics2",
      [
        "team_id Int64",
        "timestamp DateTime64(6, 'UTC')",
        `app_source ${LABEL}`,
        "app_source_id String",
        "metric_name String",
        "count SimpleAggregateFunction(sum, Int64)",
        ...KAFKA,
      ],
      "AggregatingMergeTree PARTITION BY toYYYYMM(timestamp) ORDER BY (team_id, app_source, app_source_id, toStartOfHour(timestamp), metric_name)",
    ),
    table(
      "posthog.sharded_raw_sessions",
      [
        "team_id Int64",
        "session_id_v7 UInt128",
        "distinct_id AggregateFunction(argMax, String, DateTime64(6, 'UTC'))",
        "min_timestamp SimpleAggregateFunction(min, DateTime64(6, 'UTC'))",
        "max_timestamp SimpleAggregateFunction(max, DateTime64(6, 'UTC'))",
        "urls SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
        "entry_url AggregateFunction(argMin, String, DateTime64(6, 'UTC'))",
        "pageview_count SimpleAggregateFunction(sum, Int64)",
        "pageview_uniq AggregateFunction(uniq, Nullable(UUID))",
        "page_screen_uniq_up_to AggregateFunction(uniqUpTo(1), Nullable(UUID))",
      ],
      `AggregatingMergeTree PARTITION BY toYYYYMM(${SESSION_TIME}) ORDER BY (team_id, toStartOfHour(${SESSION_TIME}), ` +
        "cityHash64(session_id_v7), session_id_v7) SAMPLE BY cityHash64(session_id_v7)",
    ),
    view(
      "posthog.raw_sessions_mv",
      "posthog.sharded_raw_sessions",
      "SELECT team_id, toUInt128(toUUID(`$session_id`)) AS session_id_v7, argMaxState(distinct_id, timestamp) AS distinct_id, " +
        "min(timestamp) AS min_timestamp, max(timestamp) AS max_timestamp, " +
        "groupUniqArray(JSONExtractString(properties, '$current_url')) AS urls, " +
        "argMinState(JSONExtractString(properties, '$current_url'), timestamp) AS entry_url, countIf(event = '$pageview') AS pageview_count, " +
        "uniqState(CAST(if(event = '$pageview', uuid, NULL) AS Nullable(UUID))) AS pageview_uniq, " +
        "uniqUpToState(1)(CAST(if(event = '$pageview', uuid, NULL) AS Nullable(UUID))) AS page_screen_uniq_up_to " +
        "FROM posthog.sharded_events WHERE bitAnd(bitShiftRight(toUInt128(accurateCastOrNull(`$session_id`, 'UUID')), 76), 0xF) = 7 " +
        "GROUP BY team_id, session_id_v7",
    ),
  ],
  rows(site, from) {
    const uuid = (of: string) => `reinterpret(sipHash128(${of}), 'UUID')`;
    // A mirrored topic has the same messages with the same times; where they lie in it differs.
    const lies = site === "dr" ? "number + 5000" : "number";
    const kafka = `toDateTime(t) + 2, ${lies}`;
    const session =
      "toString(UUIDNumToString(toFixedString(unhex(concat(leftPad(lower(hex(toUInt64(1767571200000 + " +
      "intDiv(number, 10) * 2880000))), 12, '0'), '7000', '8000', leftPad(lower(hex(intDiv(number, 10))), 12, '0'))), 16)))";
    return [
      `INSERT INTO posthog.sharded_events (uuid, event, properties, timestamp, team_id, distinct_id, created_at, person_id, _timestamp, ` +
      `_offset) SELECT ${
        uuid("'e', number")
      }, '$pageview', toJSONString(map('$session_id', ${session}, '$current_url', ` +
      `concat('/', toString(number % 7)))), t, 1, service, t + 1, ${uuid("service")}, ${kafka} FROM ${from}`,
      `INSERT INTO posthog.person SELECT ${
        uuid("'p', number % 300")
      }, t, 1, concat('{"n":', toString(number), '}'), 1, ` +
      `number % 100 = 99, number, ${kafka} FROM ${from}`,
      ...["person_distinct_id2", "person_distinct_id_overrides"].map((name) =>
        `INSERT INTO posthog.${name} SELECT 1, concat('d', toString(number % 400)), ${
          uuid("'p', number % 300")
        }, 0, number, ${kafka}, 0 ` +
        `FROM ${from}`
      ),
      // Written by a job of each site, which draws the id.
      `INSERT INTO posthog.person_static_cohort SELECT ${uuid(`'${site}', number`)}, ${
        uuid("'p', number")
      }, 1, 1, ${kafka} FROM ${from} ` +
      "WHERE number % 9 = 0",
      `INSERT INTO posthog.cohortpeople SELECT ${
        uuid("'p', number")
      }, 2, 1, 1, intDiv(number, 300) FROM ${from}`,
      `INSERT INTO posthog.cohortpeople SELECT ${
        uuid("'p', number")
      }, 2, 1, -1, intDiv(number, 300) FROM ${from} WHERE number % 7 = 0`,
      `INSERT INTO posthog.groups SELECT 0, concat('g', toString(number % 500)), t, 1, toString(number), ${kafka} FROM ${from}`,
      `INSERT INTO posthog.sharded_ingestion_warnings SELECT 1, 'plugin', 'size', toString(number), t, ${kafka}, 0 FROM ${from}`,
      `INSERT INTO posthog.sharded_app_metrics2 SELECT 1, toStartOfHour(t) AS hour, 'hog', 'f', 'succeeded', count(), max(toDateTime(t)), ` +
      `max(${lies}) FROM ${from} GROUP BY hour`,
    ];
  },
  outcomes: {
    "posthog.cohortpeople": ["partial, repaired", "the same once merged", "unmerged"],
    "posthog.events": ["left out", "nothing of its own", "left out"],
    "posthog.groups": ["independent; partial, repaired", "all keys, other values", "independent"],
    "posthog.kafka_events_json": ["left out", "nothing of its own", "left out"],
    "posthog.kafka_person": ["left out", "nothing of its own", "left out"],
    "posthog.person": ["independent; partial, repaired", "all keys, other values", "independent"],
    "posthog.person_distinct_id2": [
      "independent; partial, repaired",
      "all keys, other values",
      "independent",
    ],
    "posthog.person_distinct_id_overrides": [
      "independent; partial, repaired",
      "all keys, other values",
      "independent",
    ],
    "posthog.person_static_cohort": ["partial, repaired", "events twice", "surplus"],
    "posthog.sharded_app_metrics2": ["aggregated", "rows missing", "aggregated"],
    "posthog.sharded_events": ["independent; partial, repaired", "all keys, other values", "independent"],
    "posthog.sharded_ingestion_warnings": [
      "independent; missing, repaired; partial, repaired",
      "rows missing",
      "independent",
    ],
    "posthog.sharded_raw_sessions": ["derived", "the same once merged", "derived"],
  },
  event: {
    "posthog.sharded_ingestion_warnings": "timestamp, details",
    "posthog.person_static_cohort": "person_id",
  },
  excludes: ["posthog.person_static_cohort"],
  left: {
    "posthog.groups": "independent",
    "posthog.person": "independent",
    "posthog.person_distinct_id2": "independent",
    "posthog.person_distinct_id_overrides": "independent",
    "posthog.sharded_app_metrics2": "aggregated",
    "posthog.sharded_events": "independent",
    "posthog.sharded_ingestion_warnings": "independent",
  },
  standby: {},
};
