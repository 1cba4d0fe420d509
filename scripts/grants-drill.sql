-- The user of ch-sync --drill, with the fewest rights: it makes scratch databases of its own, and may touch nothing else. Run
-- this file at both sites, as an administrator, after you replaced the password, which is the same at both:
--
--   sed -e 's/CHANGE-ME-DRILL/…/' grants-drill.sql | clickhouse-client --multiquery
--
-- Then set DRILL_USER=chsync_drill and its password (docs/drill.md). Needs ClickHouse 25.7:
-- scripts/grants-drill-older.sql is this file for 24.10 to 25.6.

CREATE USER IF NOT EXISTS chsync_drill IDENTIFIED BY 'CHANGE-ME-DRILL';

-- Scratch databases, and no others, are made, filled, repaired and dropped.
GRANT CREATE DATABASE ON ch_sync_drill_*.* TO chsync_drill;
GRANT DROP DATABASE ON ch_sync_drill_*.* TO chsync_drill;
GRANT CREATE TABLE ON ch_sync_drill_*.* TO chsync_drill;
GRANT DROP TABLE ON ch_sync_drill_*.* TO chsync_drill;
GRANT SELECT ON ch_sync_drill_*.* TO chsync_drill;
GRANT INSERT ON ch_sync_drill_*.* TO chsync_drill;
GRANT ALTER DELETE ON ch_sync_drill_*.* TO chsync_drill; -- parts are moved from one table to another
GRANT ALTER MODIFY COMMENT ON ch_sync_drill_*.* TO chsync_drill;
GRANT TABLE ENGINE ON MergeTree TO chsync_drill;

-- One server reads the other one by remote().
GRANT READ ON REMOTE TO chsync_drill;

-- What a check looks at.
GRANT SELECT ON system.parts TO chsync_drill;
GRANT SELECT ON system.mutations TO chsync_drill;
GRANT SELECT ON system.disks TO chsync_drill;
GRANT SELECT ON system.storage_policies TO chsync_drill;
GRANT SELECT ON system.metrics TO chsync_drill;
GRANT SELECT ON system.processes TO chsync_drill;

-- Only with LOCAL_CH_URL of several shards, on each of which this file is run, with the same password (docs/clusters.md):
-- GRANT WRITE ON REMOTE TO chsync_drill;
-- GRANT SELECT ON system.clusters TO chsync_drill; -- whether LOCAL_CH_URL names all of them
