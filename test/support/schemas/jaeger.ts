/** Jaeger v2's own ClickHouse storage: spans, and what four kinds of views make of them. */
import { olderTable, type SchemaFixture, table, typed, view } from "./fixture.ts";

const KINDS = { bool: "Bool", double: "Float64", int: "Int64", str: "String", complex: "String" } as const;
const nested = (prefix = "") =>
  Object.entries(KINDS).map(([kind, type]) =>
    `${prefix}${kind}_attributes Nested (key String, value ${type})`
  );
const keyed = (level: string, prefix = "") =>
  Object.keys(KINDS).map((kind) =>
    `arrayMap(k -> (k, '${kind}', '${level}'), ${prefix}${kind}_attributes.key)`
  );
const within = (of: string) =>
  "arrayConcat(" + Object.keys(KINDS).map((kind) =>
    `arrayMap(k -> (k, '${kind}'), arrayFlatten(${of}.${kind}_attributes.key))`
  ).join(", ") + ")";

export const JAEGER: SchemaFixture = {
  system: "Jaeger",
  statements: [
    "CREATE DATABASE jaeger",
    table("jaeger.spans", [
      ...typed("String", "id", "trace_id", "trace_state", "parent_span_id", "name", "kind"),
      "start_time DateTime64(9)",
      ...typed("String", "status_code", "status_message"),
      "duration Int64",
      ...nested(),
      `events Nested (name String, timestamp DateTime64(9), ${nested().join(", ")})`,
      `links Nested (trace_id String, span_id String, trace_state String, ${nested().join(", ")})`,
      "service_name String",
      ...nested("resource_"),
      ...typed("String", "scope_name", "scope_version"),
      ...nested("scope_"),
      "INDEX idx_trace_id trace_id TYPE bloom_filter GRANULARITY 1",
      "INDEX idx_duration duration TYPE minmax GRANULARITY 1",
    ], "MergeTree PARTITION BY toDate(start_time) ORDER BY (service_name, name, toDateTime(start_time))"),
    table("jaeger.services", ["name String"], "AggregatingMergeTree ORDER BY name"),
    view(
      "jaeger.services_mv",
      "jaeger.services",
      "SELECT service_name AS name FROM jaeger.spans GROUP BY service_name",
    ),
    ...olderTable(
      "jaeger.operations",
      typed("String", "service_name", "name", "span_kind"),
      "AggregatingMergeTree ORDER BY (service_name, span_kind)",
    ),
    view(
      "jaeger.operations_mv",
      "jaeger.operations",
      "SELECT name, kind AS span_kind, service_name FROM jaeger.spans",
    ),
    table("jaeger.trace_id_timestamps", [
      "trace_id String",
      "start SimpleAggregateFunction(min, DateTime64(9))",
      "end SimpleAggregateFunction(max, DateTime64(9))",
    ], "AggregatingMergeTree ORDER BY trace_id"),
    view(
      "jaeger.trace_id_timestamps_mv",
      "jaeger.trace_id_timestamps",
      "SELECT trace_id, min(start_time) AS start, max(start_time) AS end FROM jaeger.spans GROUP BY trace_id",
    ),
    table(
      "jaeger.attribute_metadata",
      typed("String", "attribute_key", "type", "level"),
      "AggregatingMergeTree ORDER BY (attribute_key, type, level)",
    ),
    view(
      "jaeger.attribute_metadata_mv",
      "jaeger.attribute_metadata",
      `SELECT tp.1 AS attribute_key, tp.2 AS type, tp.3 AS level FROM (SELECT arrayJoin(arrayConcat(${
        [...keyed("span"), ...keyed("resource", "resource_"), ...keyed("scope", "scope_")].join(", ")
      })) AS tp FROM jaeger.spans) GROUP BY attribute_key, type, level`,
    ),
    ...["event", "link"].map((level) =>
      view(
        `jaeger.${level}_attribute_metadata_mv`,
        "jaeger.attribute_metadata",
        `SELECT tp.1 AS attribute_key, tp.2 AS type, '${level}' AS level FROM jaeger.spans ARRAY JOIN ${
          within(`${level}s`)
        } AS tp ` +
          "GROUP BY attribute_key, type, level",
      )
    ),
    table(
      "jaeger.dependencies",
      ["timestamp DateTime64(9)", "dependencies_json String"],
      "MergeTree PARTITION BY toDate(timestamp) ORDER BY timestamp",
    ),
  ],
  rows(site, from) {
    return [
      `INSERT INTO jaeger.spans (id, trace_id, parent_span_id, name, kind, start_time, status_code, duration, str_attributes.key, ` +
      `str_attributes.value, int_attributes.key, int_attributes.value, events.name, events.timestamp, events.str_attributes, ` +
      `service_name, resource_str_attributes.key, resource_str_attributes.value) SELECT span, trace, parent, ` +
      `concat('GET /', toString(number % 4)), 'server', t, 'Ok', number, ['http.route', concat('key-', toString(number % 300))], ` +
      `['/x', 'y'], ['n'], [number], ['e'], [t], [[('event.key', 'v')]], service, ['host'], ['h'] FROM ${from}`,
      // A job at each site computes the graph of the services, when it comes to it.
      `INSERT INTO jaeger.dependencies SELECT toStartOfHour(t) + ${site === "dr" ? 40 : 0} AS at, ` +
      `concat('[{"callCount":', toString(count()), '}]') FROM ${from} GROUP BY at`,
    ];
  },
  outcomes: {
    "jaeger.attribute_metadata": ["derived", "the same once merged", "derived"],
    "jaeger.dependencies": ["missing, repaired; partial, repaired", "all rows, and its own", "surplus"],
    "jaeger.operations": ["derived", "the same once merged", "derived"],
    "jaeger.services": ["derived", "the same once merged", "derived"],
    "jaeger.spans": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "jaeger.trace_id_timestamps": ["derived", "the same once merged", "derived"],
  },
  excludes: [],
  left: {},
};
