/** What is in the file of the memory, by the versions of its format. */

/** A file of a later one is not read; in one of an earlier one nothing is lost. */
export const VERSION = 3;
/** Marks the file as one of ch-sync's: "chsy". */
export const APPLICATION = 0x63687379;

const PAGES = "CREATE TABLE pages (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT";
const RUNS =
  "CREATE TABLE runs (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, content BLOB NOT NULL, digest TEXT NOT NULL) STRICT";
const TABLES =
  "CREATE TABLE tables (id INTEGER PRIMARY KEY, content BLOB NOT NULL, digest TEXT NOT NULL) STRICT";

/** The statements of each version, in the order of what they create. In the texts of version 3 there is one sum of hashes, not two. */
export const SCHEMAS: Readonly<Record<number, readonly string[]>> = {
  1: [PAGES, TABLES],
  2: [PAGES, RUNS, TABLES],
  3: [PAGES, RUNS, TABLES],
};

const MARKED = `PRAGMA user_version = ${VERSION}`;
export const CREATION = [`PRAGMA application_id = ${APPLICATION}`, MARKED, ...SCHEMAS[VERSION]!];
/** Makes a file of an earlier version one of this. */
export const UPGRADES: Readonly<Record<number, readonly string[]>> = { 1: [RUNS, MARKED], 2: [MARKED] };

/** How old kept runs may become, in seconds, and how many bytes all of them may take. */
export const RUNS_LIVE = 90 * 86_400;
export const RUNS_BYTES = 16 * 1024 * 1024;

/** The last run stays, however old it is: the next one's number follows from it. */
export const DROP_OLD_RUNS = "DELETE FROM runs WHERE at < ? AND id < (SELECT max(id) FROM runs)";
export const DROP_SURPLUS_RUNS = "DELETE FROM runs WHERE id <= (SELECT max(id) FROM (SELECT id, " +
  "sum(length(content)) OVER (ORDER BY id DESC) AS bytes FROM runs) WHERE bytes > ?)";
