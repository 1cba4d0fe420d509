-- scripts/grants.sql for ClickHouse 23.8 to 25.6, which know no READ ON REMOTE, and before 24.10 no names with a *. Made from it
-- by `deno task generate`: say there what should change, and use that one on newer servers.
--
-- On all of `otel` the writer gets here what it needs on its own tables, _chsync_*, alone: whoever has ALTER DELETE can delete rows.
-- From 24.10 on write otel._chsync_* in place of otel.* in the lines from CREATE TABLE to SYSTEM TTL MERGES.
-- 23.8 knows no TABLE ENGINE, and 24.5 does: where a server calls these lines a syntax error, leave them out. It asks for no such right.

-- Reads: ch-sync of the OTHER site logs in as this user (there: REMOTE_CH_USER), and so does the other site's server.
-- readonly = 2: it changes settings of its own statements, and nothing else.
CREATE USER IF NOT EXISTS chsync_reader IDENTIFIED BY 'CHANGE-ME-READER' SETTINGS readonly = 2;
GRANT SELECT ON otel.* TO chsync_reader;
GRANT SELECT ON system.parts TO chsync_reader;
GRANT SELECT ON system.parts_columns TO chsync_reader;
GRANT SELECT ON system.mutations TO chsync_reader;
GRANT SELECT ON system.disks TO chsync_reader;
GRANT SELECT ON system.metrics TO chsync_reader; -- how busy the server is
GRANT SELECT ON system.replicas TO chsync_reader; -- whether a replica holds what the others do
GRANT SELECT ON system.replication_queue TO chsync_reader;
GRANT SELECT ON system.detached_parts TO chsync_reader;
GRANT SELECT ON system.distribution_queue TO chsync_reader; -- rows that are in no table yet
GRANT SELECT ON system.processes TO chsync_reader; -- shows its own statements only, which KILL QUERY then finds

-- Writes: ch-sync of THIS site logs in as this user (here: LOCAL_CH_USER). First what it reads:
CREATE USER IF NOT EXISTS chsync_writer IDENTIFIED BY 'CHANGE-ME-WRITER';
GRANT SELECT ON otel.* TO chsync_writer;
GRANT SELECT ON system.parts TO chsync_writer;
GRANT SELECT ON system.parts_columns TO chsync_writer;
GRANT SELECT ON system.mutations TO chsync_writer;
GRANT SELECT ON system.disks TO chsync_writer;
GRANT SELECT ON system.metrics TO chsync_writer; -- how busy the server is
GRANT SELECT ON system.replicas TO chsync_writer; -- whether a replica holds what the others do
GRANT SELECT ON system.replication_queue TO chsync_writer;
GRANT SELECT ON system.detached_parts TO chsync_writer;
GRANT SELECT ON system.distribution_queue TO chsync_writer; -- rows that are in no table yet
GRANT SELECT ON system.clusters TO chsync_writer; -- which other servers this site has
GRANT SELECT ON system.storage_policies TO chsync_writer;
GRANT SELECT ON system.merge_tree_settings TO chsync_writer; -- how many parts tables bear
GRANT SELECT ON system.replicated_merge_tree_settings TO chsync_writer;
GRANT SELECT ON system.processes TO chsync_writer;

-- Staging tables are made, filled and dropped.
GRANT CREATE TABLE ON otel.* TO chsync_writer;
GRANT DROP TABLE ON otel.* TO chsync_writer;
GRANT ALTER MODIFY COLUMN ON otel.* TO chsync_writer;
GRANT ALTER DROP CONSTRAINT ON otel.* TO chsync_writer;
GRANT ALTER MODIFY COMMENT ON otel.* TO chsync_writer;
GRANT ALTER DELETE ON otel.* TO chsync_writer; -- parts are moved out of them
GRANT OPTIMIZE ON otel.* TO chsync_writer; -- merged first, where your tables would not bear all of their parts
GRANT SYSTEM TTL MERGES ON otel.* TO chsync_writer; -- such a merge must not take what expires
GRANT TABLE ENGINE ON MergeTree TO chsync_writer;
GRANT TABLE ENGINE ON VersionedCollapsingMergeTree TO chsync_writer; -- the staging table of such a table is of its engine
GRANT TABLE ENGINE ON ReplicatedMergeTree TO chsync_writer; -- says at all replicas who repairs a partition

-- Your tables get what is missing. ch-sync deletes no row of theirs.
GRANT INSERT ON otel.* TO chsync_writer;

-- This server reads the other one by remote().
GRANT REMOTE ON *.* TO chsync_writer;

-- ClickHouse asks for it with ATTACH and REPLACE PARTITION … FROM. Whoever has it can delete rows, so grant it on the tables
-- in question rather than on the whole database: ON otel.events.
-- Only with REPAIR_AGGREGATES=replace (for Summing- and AggregatingMergeTree), and for tables of Replicated… engines:
-- GRANT ALTER DELETE ON otel.* TO chsync_writer;

-- Only with REMOTE_COLLECTION:
-- GRANT NAMED COLLECTION ON other_site TO chsync_writer;

-- Only with LOCAL_CH_URL of several shards, on each of which this file is run, with the same passwords (docs/clusters.md):
-- GRANT REMOTE ON *.* TO chsync_writer;

-- Only with STAGING_DATABASE, whose name takes the place of `otel` here and in the lines from CREATE TABLE to SYSTEM TTL MERGES.
-- Before 24.10 take it: the writer can then drop, alter and delete nothing of yours:
-- GRANT SELECT ON otel.* TO chsync_writer;
-- GRANT INSERT ON otel.* TO chsync_writer;

-- Only with RESULTS_TABLE=ops.ch_sync_results, whose database must exist (the first line only until the table is there):
-- GRANT CREATE TABLE ON ops.ch_sync_results TO chsync_writer;
-- GRANT INSERT ON ops.ch_sync_results TO chsync_writer;

-- Only with AUTO_CREATE_TABLES=true:
-- GRANT CREATE DATABASE ON otel.* TO chsync_writer;
-- GRANT CREATE TABLE ON otel.* TO chsync_writer;
-- GRANT TABLE ENGINE ON * TO chsync_writer;

-- Only to see queues and tables of a site's other servers, with the passwords of its configuration; the first right also where REMOTE_CH_URL names several shards (docs/clusters.md):
-- GRANT SELECT ON system.clusters TO chsync_reader;
-- GRANT REMOTE ON *.* TO chsync_reader;

-- Only to be warned of dictionaries, users and row policies that the active site alone has:
-- GRANT SELECT ON system.dictionaries TO chsync_reader, chsync_writer;
-- GRANT SELECT ON system.users TO chsync_reader, chsync_writer;
-- GRANT SELECT ON system.row_policies TO chsync_reader, chsync_writer;

-- Only to prove after a crash that views were fed (docs/recovery.md):
-- GRANT SELECT ON system.query_log TO chsync_writer;
-- GRANT SYSTEM FLUSH LOGS ON *.* TO chsync_writer;
