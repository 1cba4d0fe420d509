/** Where staging tables lie: beside the table, or in STAGING_DATABASE; and where they must not. */
import { type Catalog, type TableId, tableName } from "../../model/table.ts";

/** Databases in which a table is of one server alone, and can be renamed. */
const OF_ONE_SERVER = "Atomic";

/** A statement that makes everything in such a database runs at all of its replicas. */
const OF_ALL_REPLICAS = "Replicated";

/** Why no staging table can be made where STAGING_DATABASE wants it; null: it can, or none is named. */
export function stagingProblem(
  { databases, unequalDatabases }: Pick<Catalog, "databases" | "unequalDatabases">,
  stagingDatabase: string | null,
): string | null {
  if (stagingDatabase === null) return null;
  const unequal = unequalDatabases?.get(stagingDatabase);
  if (unequal !== undefined) {
    return `STAGING_DATABASE names ${stagingDatabase}, and ${unequal}: staging tables need one of engine ${OF_ONE_SERVER} on ` +
      "each shard. Create it where it lacks, or name another one";
  }
  const engine = databases.get(stagingDatabase);
  if (engine === OF_ONE_SERVER) return null;
  return engine === undefined
    ? `STAGING_DATABASE names ${stagingDatabase}, which this site does not have, or hides from ch-sync's user: run CREATE ` +
      `DATABASE ${stagingDatabase} ENGINE = ${OF_ONE_SERVER} here, and grant its user what scripts/grants.sql says`
    : `STAGING_DATABASE names ${stagingDatabase}, which is of engine ${engine} here: staging tables need a database of engine ` +
      `${OF_ONE_SERVER}. Create one, and name it`;
}

/** Names of tables beside which no staging table may lie, as it would be made at all replicas. */
export function unstagedTables(
  { databases, tables }: Pick<Catalog, "databases" | "tables">,
  stagingDatabase: string | null,
): Set<string> {
  if (stagingDatabase !== null) return new Set();
  const some = [...tables.values()].filter(({ id }) => isOfAllReplicas(databases, id));
  return new Set(some.map(({ id }) => tableName(id)));
}

/** What to do about them. */
export function namePlace({ database }: TableId): string {
  return `database ${database} is of engine ${OF_ALL_REPLICAS} here, which would make each staging table at all replicas: run ` +
    `CREATE DATABASE chsync ENGINE = ${OF_ONE_SERVER} here, set STAGING_DATABASE=chsync, and grant ch-sync's user what ` +
    "scripts/grants.sql says";
}

export function isOfAllReplicas(databases: Catalog["databases"], { database }: TableId): boolean {
  return databases.get(database) === OF_ALL_REPLICAS;
}
