/** The statements that name what a site holds besides tables. */
import { sql } from "../sql/layout.ts";
import { SERVER_DATABASES } from "./catalog_statement.ts";

/** One SELECT for each kind of object; a user may be denied some of them. */
const KINDS = [
  sql`
    SELECT 'view' AS kind, concat(database, '.', name) AS name
    FROM system.tables
    WHERE engine = 'View' AND database NOT IN ${SERVER_DATABASES} AND NOT is_temporary
  `,
  sql`
    SELECT 'dictionary' AS kind, if(database = '', name, concat(database, '.', name)) AS name
    FROM system.dictionaries
  `,
  sql`
    SELECT 'function' AS kind, name
    FROM system.functions
    WHERE origin IN ('SQLUserDefined', 'ExecutableUserDefined')
  `,
  "SELECT 'user' AS kind, name FROM system.users",
  "SELECT 'row policy' AS kind, name FROM system.row_policies",
];

/** The kinds in one statement, and each in one of its own. */
export const OTHER_OBJECTS = KINDS.join("\nUNION ALL\n");
export const OTHER_OBJECTS_BY_KIND: readonly string[] = KINDS;
