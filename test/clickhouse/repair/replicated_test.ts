/** What is planned for Replicated tables, which need a cluster to be run. */
import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import {
  bringIn,
  insertStaging,
  repairStatements,
} from "../../../src/clickhouse/repair/staging_statements.ts";
import { EMPTY_DIGEST } from "../../../src/model/digest.ts";
import type { Repair } from "../../../src/model/repair.ts";
import { digest, table } from "../../support/data/tables.ts";

const PAIR = {
  engine: "ReplicatedMergeTree",
  engineFull:
    "ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') PARTITION BY toYYYYMMDD(ts) " +
    "ORDER BY ts SETTINGS index_granularity = 8192, storage_policy = 'tiered'",
};
const REPAIR: Repair = {
  pair: pairTables("d.t", table("d.t", PAIR), table("d.t", PAIR)),
  partitionId: "20260101",
  reason: "missing",
  scope: {
    axis: null,
    moment: { now: 10_600, settledBefore: 10_000, settledBeforeDay: 5 },
    quiet: true,
    settleSeconds: 600,
    ttls: [],
  },
  bucketing: { kind: "hash", count: 1 },
  absent: "all",
  partial: [],
  repeated: 0n,
  rowsHere: 0n,
  missing: digest(5),
  before: EMPTY_DIGEST,
  fingerprint: null,
  bytes: 0,
  method: "attach",
  mergesRows: false,
  merged: null,
  besidesTwins: false,
  presumed: false,
};
const STAGING = { database: "d", name: "_chsync_dr_1" };
const REMOTE = {
  address: { host: "h", port: 9000, secure: false },
  credentials: { user: "u", password: "p" },
  collection: null,
};

Deno.test("a Replicated table is staged in a plain one, on this replica alone", () => {
  const [create, ...rest] = repairStatements(REPAIR, STAGING, REMOTE, null);
  assert.ok(create!.startsWith(
    "CREATE TABLE `d`.`_chsync_dr_1` AS `d`.`t`\nENGINE = MergeTree\nPARTITION BY toYYYYMMDD(ts) ORDER BY ts\nSETTINGS " +
      "index_granularity = 8192, storage_policy = 'tiered', ",
  ));
  assert.match(create!, /max_bytes_to_merge_at_max_space_in_pool = 1, .*\nCOMMENT ''$/);
  assert.ok(rest.some((sql) => sql.startsWith("ALTER TABLE `d`.`t` ATTACH PARTITION ID '20260101' FROM")));
  for (const sql of [create!, ...rest]) assert.doesNotMatch(sql, /ON CLUSTER|Replicated/);
});

Deno.test("parts are moved into a table that is not Replicated, which asks for no right to delete its rows", () => {
  const plain = { engine: "MergeTree", engineFull: "MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts" };
  const pair = pairTables("d.t", table("d.t", plain), table("d.t", plain));
  assert.equal(
    bringIn({ ...REPAIR, pair }, STAGING),
    "ALTER TABLE `d`.`_chsync_dr_1` MOVE PARTITION ID '20260101' TO TABLE `d`.`t`",
  );
});

Deno.test("parts that a Replicated table passed over go in as rows", () => {
  assert.equal(
    insertStaging(REPAIR, STAGING),
    "INSERT INTO `d`.`t` (`ts`)\nSELECT `ts`\nFROM `d`.`_chsync_dr_1`",
  );
});
