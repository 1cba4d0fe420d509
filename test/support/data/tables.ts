/** Tables and partitions for tests of what is pure. */
import { type Digest, EMPTY_DIGEST } from "../../../src/model/digest.ts";
import { traitsOf } from "../../../src/model/merge_rule.ts";
import type { Partition } from "../../../src/model/partition.ts";
import { type CheckReport, type Finding, finding, type TableReport } from "../../../src/model/report.ts";
import type { Column, Table } from "../../../src/model/table.ts";

export function column(name: string, type: string, fields: Partial<Column> = {}): Column {
  const keys = { inPartitionKey: false, inSortingKey: false };
  return {
    name,
    type,
    comparedAs: "value",
    defaultKind: "",
    defaultExpression: "",
    expiry: { rules: [], now: 0 },
    ...keys,
    ...fields,
  };
}

export function table(name: string, fields: Partial<Table> = {}): Table {
  const [database = "", rest = ""] = name.split(".");
  return {
    id: { database, name: rest },
    uuid: "00000000-0000-0000-0000-000000000000",
    ownUuid: "00000000-0000-0000-0000-000000000000",
    engine: "MergeTree",
    engineArguments: "",
    engineFull: "MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts SETTINGS index_granularity = 8192",
    mergeRule: { kind: "keep" },
    traits: traitsOf(fields.mergeRule ?? { kind: "keep" }),
    partitionKey: "toYYYYMMDD(ts)",
    sortingKey: "ts",
    createQuery: `CREATE TABLE ${name} (\`ts\` DateTime('UTC')) ENGINE = MergeTree ORDER BY ts`,
    columns: [column("ts", "DateTime('UTC')", { inPartitionKey: true, inSortingKey: true })],
    ttl: null,
    rules: { deletes: [], groups: [], columns: new Map() },
    settings: "index_granularity = 8192",
    elements: ["`ts` DateTime('UTC')"],
    feeds: [],
    unfinishedMutations: 0,
    mutatedAt: 0,
    deletedAt: 0,
    ...fields,
  };
}

export function partition(id: string, fields: Partial<Partition> = {}): Partition {
  const flags = { hasLightweightDeletes: false, hasPatches: false };
  return {
    id,
    rows: 10n,
    bytes: 1000n,
    fingerprint: id,
    written: 7n,
    insertedAt: 0,
    changedAt: 0,
    ...flags,
    ...fields,
  };
}

/** A digest that stands for `rows` rows of some content. */
export function digest(rows: number, content = rows): Digest {
  return rows === 0
    ? EMPTY_DIGEST
    : { rows: BigInt(rows), city: BigInt(content) * 7n, xxh: BigInt(content) * 11n };
}

export function found(fields: Partial<Finding>): Finding {
  return { ...finding("d.t", "20260101", fields.reason ?? "missing", ""), ...fields };
}

export function report(
  tables: readonly Partial<TableReport>[],
  fields: Partial<CheckReport> = {},
): CheckReport {
  return {
    startedAt: "2026-01-01T00:00:00.000Z",
    role: "dr",
    active: "primary",
    outcome: "completed",
    error: null,
    dryRun: false,
    limited: false,
    unreachable: [],
    servers: { local: null, remote: null },
    replicas: { local: null, remote: null, shards: [], localShards: [] },
    settledBefore: null,
    tables: tables.map((fields) => ({
      table: "d.t",
      partitions: 1,
      compared: EMPTY_DIGEST,
      findings: [],
      warnings: [],
      proven: 0,
      counted: 0,
      oldestDigest: null,
      remember: null,
      rememberPartitions: new Map(),
      ...fields,
    })),
    leftOut: [],
    warnings: [],
    ...fields,
  };
}
