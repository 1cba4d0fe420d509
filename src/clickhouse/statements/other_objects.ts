/** What a site holds besides tables, by name: a failback needs it too. */
import { SERVER_DATABASES } from "./server_databases.ts";

/** One SELECT for each kind of object; a user may be denied some of them. */
const KINDS = [
  `SELECT 'view' AS kind, concat(database, '.', name) AS name FROM system.tables ` +
  `WHERE engine = 'View' AND database NOT IN ${SERVER_DATABASES} AND NOT is_temporary`,
  `SELECT 'dictionary' AS kind, if(database = '', name, concat(database, '.', name)) AS name FROM system.dictionaries`,
  `SELECT 'function' AS kind, name FROM system.functions WHERE origin IN ('SQLUserDefined', 'ExecutableUserDefined')`,
  `SELECT 'user' AS kind, name FROM system.users`,
  `SELECT 'row policy' AS kind, name FROM system.row_policies`,
];

/** The kinds in one statement, and each in one of its own. */
export const OTHER_OBJECTS = KINDS.join(" UNION ALL ");
export const OTHER_OBJECTS_BY_KIND: readonly string[] = KINDS;
