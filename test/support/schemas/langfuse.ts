/** Langfuse: rows that replace each other by the time at which a worker wrote them, and what its older versions kept beside them. */
import { ATTRIBUTES, LABEL, type SchemaFixture, table, typed, view } from "./fixture.ts";

const STAMPS = [
  "created_at DateTime64(3) DEFAULT now()",
  "updated_at DateTime64(3) DEFAULT now()",
  "event_ts DateTime64(3)",
  "is_deleted UInt8",
];
const REPLACING = "ReplacingMergeTree(event_ts, is_deleted)";
const blobs = typed("Nullable(String) CODEC(ZSTD(3))", "input", "output");
const maybe = (...names: readonly string[]) => typed("Nullable(String)", ...names);
const environments = (of: string) =>
  view(
    `langfuse.project_environments_${of}_mv`,
    "langfuse.project_environments",
    `SELECT project_id, groupUniqArray(environment) AS environments FROM langfuse.${of} GROUP BY project_id`,
  );

export const LANGFUSE: SchemaFixture = {
  system: "Langfuse",
  statements: [
    "CREATE DATABASE langfuse",
    table(
      "langfuse.traces",
      [
        "id String",
        "timestamp DateTime64(3)",
        "name String",
        ...maybe("user_id", "session_id", "release"),
        `metadata ${ATTRIBUTES}`,
        "project_id String",
        "environment LowCardinality(String) DEFAULT 'default'",
        ...typed("Bool", "public", "bookmarked"),
        "tags Array(String)",
        ...blobs,
        ...STAMPS,
        "INDEX idx_id id TYPE bloom_filter(0.001) GRANULARITY 1",
        "INDEX idx_res_metadata_key mapKeys(metadata) TYPE bloom_filter(0.01) GRANULARITY 1",
      ],
      `${REPLACING} PARTITION BY toYYYYMM(timestamp) PRIMARY KEY (project_id, toDate(timestamp)) ` +
        "ORDER BY (project_id, toDate(timestamp), id)",
    ),
    table(
      "langfuse.observations",
      [
        "id String",
        "trace_id String",
        "project_id String",
        `type ${LABEL}`,
        "environment LowCardinality(String) DEFAULT 'default'",
        ...maybe("parent_observation_id"),
        "start_time DateTime64(3)",
        "end_time Nullable(DateTime64(3))",
        "name String",
        `metadata ${ATTRIBUTES}`,
        ...blobs,
        "usage_details Map(LowCardinality(String), UInt64)",
        "cost_details Map(LowCardinality(String), Decimal64(12))",
        "total_cost Nullable(Decimal64(12))",
        ...STAMPS,
        "INDEX idx_trace_id trace_id TYPE bloom_filter() GRANULARITY 1",
      ],
      `${REPLACING} PARTITION BY toYYYYMM(start_time) PRIMARY KEY (project_id, type, toDate(start_time)) ` +
        "ORDER BY (project_id, type, toDate(start_time), id)",
    ),
    table(
      "langfuse.scores",
      [
        "id String",
        "timestamp DateTime64(3)",
        "project_id String",
        "environment LowCardinality(String) DEFAULT 'default'",
        "trace_id Nullable(String)",
        ...maybe("observation_id", "comment"),
        "name String",
        "value Float64",
        "source String",
        ...STAMPS,
      ],
      `${REPLACING} PARTITION BY toYYYYMM(timestamp) PRIMARY KEY (project_id, toDate(timestamp), name) ` +
        "ORDER BY (project_id, toDate(timestamp), name, id)",
    ),
    table("langfuse.blob_storage_file_log", [
      ...typed("String", "id", "project_id", "entity_type", "entity_id", "event_id", "bucket_path"),
      ...STAMPS,
    ], `${REPLACING} ORDER BY (project_id, entity_type, entity_id, event_id)`),
    table("langfuse.dataset_run_items_rmt", [
      ...typed("String", "id", "project_id", "dataset_run_id", "dataset_item_id", "dataset_id", "trace_id"),
      ...STAMPS,
    ], `${REPLACING} ORDER BY (project_id, dataset_id, dataset_run_id, id)`),
    table("langfuse.project_environments", [
      "project_id String",
      "environments SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
    ], "AggregatingMergeTree ORDER BY project_id"),
    environments("traces"),
    environments("observations"),
    environments("scores"),
    table("langfuse.traces_null", [
      "project_id String",
      "id String",
      "start_time DateTime64(3)",
      "name Nullable(String)",
      "tags Array(String)",
      "cost_details Map(String, Decimal64(12))",
      "input String",
      "event_ts DateTime64(3)",
    ], "Null"),
    table("langfuse.traces_all_amt", [
      "project_id String",
      "id String",
      "start_time SimpleAggregateFunction(min, DateTime64(3))",
      "name SimpleAggregateFunction(anyLast, Nullable(String))",
      "tags SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
      "cost_details SimpleAggregateFunction(sumMap, Map(String, Decimal(38, 12)))",
      "input AggregateFunction(argMax, String, DateTime64(3)) CODEC(ZSTD(3))",
    ], "AggregatingMergeTree ORDER BY (project_id, id)"),
    view(
      "langfuse.traces_all_amt_mv",
      "langfuse.traces_all_amt",
      "SELECT tn.project_id AS project_id, tn.id AS id, min(tn.start_time) AS start_time, anyLast(tn.name) AS name, " +
        "groupUniqArrayArray(tn.tags) AS tags, sumMap(tn.cost_details) AS cost_details, " +
        "argMaxState(tn.input, if(tn.input <> '', tn.event_ts, toDateTime64(0, 3))) AS input FROM langfuse.traces_null AS tn " +
        "GROUP BY project_id, id",
    ),
  ],
  rows(site, from) {
    // The worker of each site stamps what it writes; this site's are sometimes the later ones.
    const stamp = `t + ${site === "dr" ? "if(number % 2, 3, 1)" : "2"}`;
    const stamps = `t, ${stamp}, ${stamp}, number % 90 = 89`;
    const project = "'project'";
    const environment = "if(number % 4, 'production', concat('env-', toString(intDiv(number, 100))))";
    return [
      `INSERT INTO langfuse.traces SELECT trace, t, 'chat', 'user', NULL, NULL, map('k', 'v'), ${project}, ${environment}, 0, 0, ` +
      `['t'], concat('in ', toString(number)), 'out', ${stamps} FROM ${from} WHERE number % 3 = 0`,
      `INSERT INTO langfuse.observations SELECT span, trace, ${project}, 'GENERATION', ${environment}, NULL, t, t + 1, 'llm', ` +
      `map('k', 'v'), 'in', 'out', map('total', number), map('total', 0.5), 0.5, ${stamps} FROM ${from}`,
      `INSERT INTO langfuse.scores SELECT span, t, ${project}, ${environment}, trace, NULL, NULL, 'quality', number, 'API', ${stamps} ` +
      `FROM ${from} WHERE number % 5 = 0`,
      `INSERT INTO langfuse.blob_storage_file_log SELECT concat('${site}-', span), ${project}, 'trace', trace, ` +
      `concat('${site}-', span), concat('${site}/', span, '.json'), ${stamps} FROM ${from}`,
      `INSERT INTO langfuse.dataset_run_items_rmt SELECT span, ${project}, 'run', 'item', 'dataset', trace, ${stamps} FROM ${from} ` +
      "WHERE number % 10 = 0",
      `INSERT INTO langfuse.traces_null SELECT ${project}, trace, t, 'chat', ['t'], map('total', 0.5), ` +
      `if(number % 3, '', concat('in ', toString(number))), ${stamp} FROM ${from}`,
    ];
  },
  outcomes: {
    "langfuse.blob_storage_file_log": ["partial, repaired", "all rows, and its own", "surplus"],
    "langfuse.dataset_run_items_rmt": ["partial, repaired", "the same once merged", "unmerged"],
    "langfuse.observations": ["partial, repaired", "all keys, other values", "surplus"],
    "langfuse.project_environments": ["derived", "the same once merged", "derived"],
    "langfuse.scores": ["partial, repaired", "all keys, other values", "surplus"],
    "langfuse.traces": ["partial, repaired", "all keys, other values", "surplus"],
    "langfuse.traces_all_amt": ["aggregated", "rows missing", "aggregated"],
    "langfuse.traces_null": ["left out", "nothing of its own", "left out"],
  },
  excludes: ["langfuse.traces_all_amt"],
  left: {},
  standby: {},
};
