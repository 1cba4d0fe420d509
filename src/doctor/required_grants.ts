/** Every right that ch-sync needs: those of scripts/grants.sql, in its order. */
import { addsUp } from "../model/merge_rule.ts";
import type { Settings } from "../model/settings.ts";
import type { Table } from "../model/table.ts";

/** A table that is synced, as far as it matters for rights. */
export type GrantedTable = Pick<Table, "id" | "engine" | "mergeRule">;

export interface RequiredGrant {
  /** At which server: `local` for LOCAL_CH_USER, `remote` for REMOTE_CH_USER. */
  readonly site: "local" | "remote";
  /**
   * As `GRANT …` says it; `{database}` stands for each database that is synced, `{staging}` for each in which staging tables
   * lie, `{results}` for RESULTS_TABLE.
   */
  readonly right: string;
  /** Set if rights on single tables are just as good: then each table is asked about. */
  readonly perTable?: true;
  /** Only these tables need it, and each of them is asked about. */
  readonly only?: (table: GrantedTable, settings: Settings) => boolean;
  /** Only some settings need it. */
  readonly when?: (settings: Settings) => boolean;
  /** What is lost without it; absent: ch-sync cannot work without it. */
  readonly lost?: string;
  /** Settings with which ch-sync cannot work without it, whatever is lost with others. */
  readonly needs?: (settings: Settings) => boolean;
}

const both = (right: string, more: Partial<RequiredGrant> = {}): RequiredGrant[] =>
  (["remote", "local"] as const).map((site) => ({ site, right, ...more }));
const local = (right: string, more: Partial<RequiredGrant> = {}): RequiredGrant => ({
  site: "local",
  right,
  ...more,
});

const stagesApart = ({ stagingDatabase }: Settings) => stagingDatabase !== null;
const writesResults = ({ resultsTable }: Settings) => resultsTable !== null;
const RESULTS = {
  lost: "checks are not written into RESULTS_TABLE (CREATE TABLE is for when it is not there yet)",
};
const creates = (settings: Settings) => settings.autoCreateTables;
/** Tables of which ch-sync replaces partitions, or into which parts cannot be moved, only attached. */
const deletes = ({ engine, mergeRule }: GrantedTable, { replaceAggregates }: Settings) =>
  engine.startsWith("Replicated") || (replaceAggregates && addsUp(mergeRule));
const isReplicated = ({ engine }: GrantedTable) => engine.startsWith("Replicated");
/** Its staging table is of the same engine, or its parts would be sorted otherwise. */
const sortsByVersion = ({ engine }: GrantedTable) => engine.endsWith("VersionedCollapsingMergeTree");
const QUEUES = { lost: "tables that Distributed tables write to are lagging, and nothing is copied to them" };
const OTHERS = { lost: "queues and tables of that site's other servers are not seen (docs/clusters.md)" };
const WARNINGS = { lost: "optional; you get no warning about such objects that only the active site has" };
const BEARS = {
  lost:
    "ch-sync assumes that tables take no more parts than old versions of ClickHouse let them, which is few",
};
const FEEDS = {
  lost: "optional; after a crash ch-sync may be unable to prove that views were fed (docs/recovery.md)",
};

export const REQUIRED_GRANTS: readonly RequiredGrant[] = [
  ...both("SELECT ON {database}.*", { perTable: true }),
  ...both("SELECT ON system.parts"),
  ...both("SELECT ON system.parts_columns"),
  ...both("SELECT ON system.mutations"),
  ...both("SELECT ON system.disks"),
  ...both("SELECT ON system.metrics", { lost: "ch-sync does not see how busy the server is" }),
  ...both("SELECT ON system.replicas", { only: isReplicated }),
  ...both("SELECT ON system.replication_queue", { only: isReplicated }),
  ...both("SELECT ON system.detached_parts", { only: isReplicated }),
  ...both("SELECT ON system.distribution_queue", QUEUES),
  ...both("SELECT ON system.processes"),
  ...both("SELECT ON system.clusters", {
    only: (table, settings) =>
      isReplicated(table) || settings.shards.length + settings.localShards.length > 0,
    needs: (settings) => settings.shards.length + settings.localShards.length > 0,
    ...OTHERS,
  }),
  { site: "remote", right: "READ ON REMOTE", only: isReplicated, ...OTHERS },
  local("SELECT ON system.storage_policies", {
    lost: "ch-sync does not know beforehand whether a copy fits on the disks",
  }),
  local("SELECT ON system.merge_tree_settings", BEARS),
  local("SELECT ON system.replicated_merge_tree_settings", BEARS),
  local("CREATE TABLE ON {staging}._chsync_*"),
  local("DROP TABLE ON {staging}._chsync_*"),
  local("ALTER MODIFY COLUMN ON {staging}._chsync_*"),
  local("ALTER DROP CONSTRAINT ON {staging}._chsync_*"),
  local("ALTER MODIFY COMMENT ON {staging}._chsync_*"),
  local("ALTER DELETE ON {staging}._chsync_*"),
  local("OPTIMIZE ON {staging}._chsync_*", {
    lost: "a copy of more parts than the table bears is refused, and not merged first",
  }),
  local("SYSTEM TTL MERGES ON {staging}._chsync_*", {
    lost:
      "a copy of more parts than the table bears is refused where the table has a TTL, and not merged first",
  }),
  local("TABLE ENGINE ON MergeTree"),
  local("TABLE ENGINE ON VersionedCollapsingMergeTree", { only: sortsByVersion }),
  local("TABLE ENGINE ON ReplicatedMergeTree", { only: isReplicated }),
  local("INSERT ON {database}.*", { perTable: true }),
  local("READ ON REMOTE"),
  local("ALTER DELETE ON {database}.*", { only: deletes }),
  local("NAMED COLLECTION ON other_site", { when: ({ remoteCollection }) => remoteCollection !== null }),
  local("WRITE ON REMOTE", { when: ({ localShards }) => localShards.length > 0 }),
  local("SELECT ON {staging}._chsync_*", { when: stagesApart }),
  local("INSERT ON {staging}._chsync_*", { when: stagesApart }),
  local("CREATE TABLE ON {results}", { when: writesResults, ...RESULTS }),
  local("INSERT ON {results}", { when: writesResults, ...RESULTS }),
  local("CREATE DATABASE ON {database}.*", { when: creates }),
  local("CREATE TABLE ON {database}.*", { when: creates }),
  local("TABLE ENGINE ON *", { when: creates }),
  ...both("SELECT ON system.dictionaries", WARNINGS),
  ...both("SELECT ON system.users", WARNINGS),
  ...both("SELECT ON system.row_policies", WARNINGS),
  local("SELECT ON system.query_log", FEEDS),
  local("SYSTEM FLUSH LOGS ON *.*", FEEDS),
];
