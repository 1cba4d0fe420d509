/** SigNoz: logs, traces and metrics, each in a database of its own, with Distributed tables above. */
import type { SchemaFixture } from "./fixture.ts";
import { SIGNOZ_LOGS } from "./signoz_logs.ts";
import { SIGNOZ_METRICS } from "./signoz_metrics.ts";
import { SIGNOZ_TRACES } from "./signoz_traces.ts";

export const SIGNOZ: SchemaFixture = {
  system: "SigNoz",
  statements: [...SIGNOZ_LOGS, ...SIGNOZ_TRACES, ...SIGNOZ_METRICS],
  rows(site, from) {
    const bucket = "intDiv(ns, 1800000000000) * 1800";
    const metric = `concat('metric.', toString(number % 3))`;
    const migrated = `toDateTime64('2026-01-01', 9) + ${site === "dr" ? 17 : 0}`;
    return [
      // The exporter gives every record an id that sorts by time.
      `INSERT INTO signoz_logs.logs_v2 SELECT ${bucket}, service, ns, ns + 5, ` +
      `concat(lower(hex(ms)), lower(hex(sipHash64('${site}', number)))), trace, span, 1, ` +
      `if(number % 10, 'INFO', 'ERROR'), 9, concat('request ', toString(number)), map('http.method', 'GET', ` +
      `concat('key-', toString(number)), 'x'), map('status', 200), map(), resource, '', '', map() FROM ${from}`,
      `INSERT INTO signoz_logs.logs_v2_resource SELECT DISTINCT toJSONString(resource), service, ${bucket} FROM ${from}`,
      `INSERT INTO signoz_logs.tag_attributes_v2 SELECT DISTINCT intDiv(ms, 3600000) * 3600000, 'number', 'tag', 'float64', ` +
      `'', number FROM ${from}`,
      `INSERT INTO signoz_logs.usage SELECT DISTINCT 'default', '${site}-collector', '${site}-exporter', ` +
      `toStartOfHour(toDateTime(t)), concat('sealed by ${site} ', toString(${bucket})) FROM ${from}`,
      `INSERT INTO signoz_logs.schema_migrations_v2 SELECT number + 1, 'finished', '', ${migrated}, ${migrated} FROM numbers(20)`,
      `INSERT INTO signoz_traces.signoz_index_v3 (ts_bucket_start, resource_fingerprint, timestamp, trace_id, span_id, ` +
      `parent_span_id, name, kind, duration_nano, status_code, attributes_string, attributes_number, resources_string, events, ` +
      `has_error) SELECT ${bucket}, service, t, trace, span, parent, concat('GET /', toString(number % 4)), 2, number * 1000, ` +
      `number % 3, map('http.route', '/x'), map('n', number), resource, ['{}'], number % 3 = 2 FROM ${from}`,
      `INSERT INTO signoz_traces.signoz_error_index_v2 SELECT t, lower(hex(sipHash128('${site}', number))), ` +
      `lower(hex(sipHash128(service))), trace, span, service, 'Timeout', 'it took too long', '', resource FROM ${from} ` +
      `WHERE number % 3 = 2`,
      `INSERT INTO signoz_metrics.samples_v4 (metric_name, fingerprint, unix_milli, value) SELECT ${metric}, ` +
      `cityHash64(service), ms, number * 1.5 FROM ${from}`,
      `INSERT INTO signoz_metrics.time_series_v4 (metric_name, fingerprint, unix_milli, labels) SELECT DISTINCT ${metric}, ` +
      `cityHash64(service), intDiv(ms, 3600000) * 3600000, toJSONString(map('service.name', service)) FROM ${from}`,
      `INSERT INTO signoz_metrics.exp_hist (metric_name, fingerprint, unix_milli, count, sum, min, max, sketch) SELECT ` +
      `'latency', cityHash64(service), ms, 2, number, 0, number, ` +
      // The first number is the accuracy, then come the levels.
      `initializeAggregation('quantilesDDState(0.01, 0.01, 0.5, 0.75, 0.9, 0.95, 0.99)', toUInt64(number)) FROM ${from}`,
      `INSERT INTO signoz_metrics.metadata SELECT 'Unspecified', ${metric}, '', 'Sum', 'service.name', 'resource', 'String', '', ` +
      `service, min(ms), max(ms) FROM ${from} GROUP BY ${metric}, service, toDate(t)`,
      `INSERT INTO signoz_metadata.attributes_metadata SELECT DISTINCT intDiv(ms, 3600000) * 3600000, 'traces', ` +
      `cityHash64(service), 1, map('service.name', service), map('a', 'b') FROM ${from}`,
      // The rules are evaluated at each site by itself, a few seconds apart.
      `INSERT INTO signoz_analytics.rule_state_history_v0 SELECT 3650, 'rule-1', 'firing', true, ms + ${
        site === "dr" ? 700 : 0
      }, cityHash64(service), number, '{}' FROM ${from} WHERE number % 30 = 0`,
    ];
  },
  outcomes: {
    "signoz_analytics.rule_state_history_v0": [
      "independent; missing, repaired",
      "rows missing",
      "independent",
    ],
    "signoz_logs.distributed_logs_v2": ["left out", "nothing of its own", "left out"],
    "signoz_logs.logs_attribute_keys": ["derived", "rows missing", "derived"],
    "signoz_logs.logs_resource_keys": ["derived", "the same once merged", "derived"],
    "signoz_logs.logs_v2": ["independent; missing, repaired", "rows missing", "independent"],
    "signoz_logs.logs_v2_resource": ["partial, repaired", "the same once merged", "in sync"],
    "signoz_logs.schema_migrations_v2": ["independent", "all keys, other values", "independent"],
    "signoz_logs.tag_attributes_v2": [
      "missing, repaired; partial, repaired",
      "the same once merged",
      "in sync",
    ],
    "signoz_logs.usage": ["partial, repaired", "all rows, and its own", "surplus"],
    "signoz_metadata.attributes_metadata": [
      "missing, repaired; partial, repaired",
      "the same once merged",
      "in sync",
    ],
    "signoz_metrics.distributed_samples_v4": ["left out", "nothing of its own", "left out"],
    "signoz_metrics.exp_hist": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "signoz_metrics.metadata": ["missing, repaired; partial, repaired", "the same once merged", "unmerged"],
    "signoz_metrics.samples_v4": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "signoz_metrics.samples_v4_agg_30m": ["derived", "the same once merged", "derived"],
    "signoz_metrics.samples_v4_agg_5m": ["derived", "the same once merged", "derived"],
    "signoz_metrics.time_series_v4": [
      "missing, repaired; partial, repaired",
      "the same once merged",
      "in sync",
    ],
    "signoz_metrics.time_series_v4_6hrs": ["derived", "the same once merged", "derived"],
    "signoz_traces.dependency_graph_minutes_v2": ["derived", "all rows, and its own", "derived; surplus"],
    "signoz_traces.distributed_signoz_index_v3": ["left out", "nothing of its own", "left out"],
    "signoz_traces.signoz_error_index_v2": [
      "independent; missing, repaired; partial, repaired",
      "rows missing",
      "independent",
    ],
    "signoz_traces.signoz_index_v3": ["missing, repaired; partial, repaired", "the same rows", "in sync"],
    "signoz_traces.top_level_operations": ["derived", "all keys, other values", "derived"],
    "signoz_traces.trace_summary": ["derived", "the same once merged", "derived"],
  },
  event: {
    "signoz_logs.logs_v2": "timestamp, body",
    "signoz_traces.signoz_error_index_v2": "timestamp, spanID",
  },
  excludes: [
    "*.schema_migrations_v2",
    "*.usage",
    "signoz_logs.logs_v2",
    "signoz_traces.signoz_error_index_v2",
    "signoz_analytics.rule_state_history_v0",
  ],
  left: {},
  standby: {
    "signoz_traces.dependency_graph_minutes_v2": "all rows, and its own",
    "signoz_traces.top_level_operations": "all keys, other values",
  },
};
