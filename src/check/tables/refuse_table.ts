/** What forbids comparing a table at all. */
import { traitsOf } from "../../model/merge_rule.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";
import { compareSchemas, describeDrift, type Zones } from "./schema_drift.ts";
import { STAGING_PREFIX } from "./select_tables.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** Null: the table can be compared. */
export function refuseTable(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  zones: Zones,
): Finding | null {
  const drifts = compareSchemas(pair, zones);
  if (drifts.length > 0) {
    const sql = here.driftStatements(pair, drifts);
    const recreated = drifts.some(({ kind }) => kind === "key_differs");
    const mend = !recreated
      ? ""
      : "; that cannot be altered: recreate the table like the active one, with collectors held back meanwhile" +
        (sql.length > 0
          ? " (what arrives in between stays in the old table), and drop the old one when you have looked"
          : "");
    return { ...finding(pair.name, null, "drifted", describeDrift(drifts) + mend), sql };
  }
  const [mine, theirs] = [pair.here.unfinishedMutations, pair.there.unfinishedMutations];
  if (mine + theirs > 0) {
    const detail =
      `unfinished mutations: ${mine} here, ${theirs} on the active site (see system.mutations); compared when they ` +
      "are done";
    return finding(pair.name, null, "mutating", detail);
  }
  const reserved = pair.here.columns.find(({ name }) => name.startsWith(STAGING_PREFIX));
  if (reserved) {
    const detail = `column ${reserved.name} has a name of the kind that ch-sync keeps for itself; rename it`;
    return finding(pair.name, null, "reserved_column", detail);
  }
  const unhashed = pair.here.columns.find(({ comparedAs }) => comparedAs === "nothing");
  if (unhashed) {
    const detail = `the two servers agree neither on hashes of ${unhashed.type}, the type of column ` +
      `${unhashed.name}, nor on its text, so nothing could be proven; bring both to the same version`;
    return finding(pair.name, null, "no_common_hash", detail);
  }
  const expiring = pair.here.columns.find(({ expiry }) => expiry.rules.length > 0);
  if (expiring && traitsOf(pair.here.mergeRule).picksValues) {
    const detail =
      `the values of column ${expiring.name} expire by a TTL of their own, and ${pair.here.engine} puts ` +
      "values of several rows together: nobody can tell which of them have expired; remove that TTL, or exclude the table";
    return finding(pair.name, null, "values_expire", detail);
  }
  // The old syntax, MergeTree(date, key, 8192), is the only one without this keyword.
  if (!pair.here.engineFull.includes(" ORDER BY ")) {
    return finding(pair.name, null, "old_syntax", "the table has the old MergeTree syntax; recreate it");
  }
  return null;
}
