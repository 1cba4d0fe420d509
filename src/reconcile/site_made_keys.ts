/** Keys that each site makes by itself. */
import type { Column, Table } from "../model/table.ts";

/** Functions that give something else at every site or at every moment. */
const IMPURE =
  /\b(?:now\w*|today|yesterday|rand\w*|generate\w*|uuid\w*|serverUUID|hostName|fqdn|currentUser|user|\w*queryID|rowNumber\w*|blockNumber|current\w*)\s*\(/i;

/**
 * The columns in a key of the table whose value, where an insert leaves it out, is made by the server: then the same
 * event can stand under another key on each site, and no key tells twins.
 */
export function siteMadeKeys({ columns }: Table, axis: string | null): Column[] {
  return columns.filter((column) =>
    (column.inPartitionKey || column.inSortingKey || column.name === axis) && column.defaultKind !== "" &&
    IMPURE.test(column.defaultExpression)
  );
}
