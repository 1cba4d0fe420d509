/** Keys that each site makes by itself. */
import type { Table } from "../model/table.ts";

/** Functions that give something else at every site or at every moment. */
const IMPURE =
  /\b(?:now\w*|today|yesterday|rand\w*|generate\w*|uuid\w*|serverUUID|hostName|fqdn|currentUser|user|\w*queryID|rowNumber\w*|blockNumber|current\w*)\s*\(/i;

/**
 * Whether a key of the table has a column whose value, where an insert leaves it out, is made by the server: then the
 * same event can stand under another key on each site, and no key tells twins.
 */
export function hasSiteMadeKey({ columns }: Table, axis: string | null): boolean {
  return columns.some((column) =>
    (column.inPartitionKey || column.inSortingKey || column.name === axis) && column.defaultKind !== "" &&
    IMPURE.test(column.defaultExpression)
  );
}
