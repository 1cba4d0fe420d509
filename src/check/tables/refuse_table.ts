/** What forbids comparing a table at all: how it is defined, or what this site's own TTL takes. */
import type { Drift } from "../../model/drift.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { Moment } from "../../model/scope.ts";
import type { Summaries } from "../../model/partition.ts";
import { type Catalog, tableName, type TablePair } from "../../model/table.ts";
import { errorText } from "../../text/error_text.ts";
import { findRemedies } from "./drift_remedies.ts";
import { compareSchemas, describeDrift, type Zones } from "./schema_drift.ts";
import { STAGING_PREFIX } from "./select_tables.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { grouped } from "../../text/readable.ts";

/** What the definitions of tables say against comparing them, by the names of the tables. */
export type Refusals = ReadonlyMap<string, Finding>;

/** Columns that every MergeTree table has without naming them, as far as statements of ch-sync ask for them. */
const OWN_TO_SERVER: ReadonlySet<string> = new Set(["_partition_id", "_part", "_part_offset"]);

/** Found once a check. A table of which it cannot be told is refused as failed, and the others go on. */
export async function refuseDefinitions(
  ports: Pick<CheckPorts, "here">,
  pairs: readonly TablePair[],
  zones: Zones,
): Promise<Refusals> {
  const found = await Promise.all(pairs.map(async (pair) => {
    const failed = (error: unknown) => finding(pair.name, null, "failed", errorText(error));
    return [pair.name, await refuseDefinition(ports, pair, zones).catch(failed)] as const;
  }));
  return new Map(found.flatMap(([name, refusal]) => refusal ? [[name, refusal] as const] : []));
}

/** Null: the table can be compared. */
export async function refuseTable(
  ports: Pick<CheckPorts, "there">,
  pair: TablePair,
  { refused, moment, summaries }: {
    readonly refused: Refusals;
    readonly moment: Pick<Moment, "now">;
    readonly summaries: Summaries;
  },
): Promise<Finding | null> {
  return refuseUnseen(pair, summaries) ?? refused.get(pair.name) ??
    await refuseEarlyExpiry(ports, pair, moment.now);
}

/** What is not listed is compared with nothing. */
function refuseUnseen({ name, there }: TablePair, summaries: Summaries): Finding | null {
  const site = summaries.here.get(name)?.unseen
    ? "this"
    : summaries.there.get(tableName(there.id))?.unseen
    ? "the active"
    : null;
  if (site === null) return null;
  const detail =
    `the server of ${site} site shows no part of the table in system.parts, and the table is not empty there, or not loaded: ` +
    "nothing of it can be compared. It shows none of a table that it had not loaded when it was started (lazy_load_tables): DETACH TABLE and ATTACH " +
    "TABLE it there, in a database without that setting for good; or remove the row policy on system.parts";
  return finding(name, null, "failed", detail);
}

/** What the definitions of one table say against comparing it; null: nothing. */
export async function refuseDefinition(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  zones: Zones,
): Promise<Finding | null> {
  const drifts = compareSchemas(pair, zones);
  return drifts.length > 0 ? await drifted(here, pair, drifts) : refuseAlike(pair);
}

async function drifted(
  here: CheckPorts["here"],
  pair: TablePair,
  drifts: readonly Drift[],
): Promise<Finding> {
  const differing = drifts.flatMap((drift) => drift.kind === "column_differs" ? [drift.here.name] : []);
  const lacking = differing.length === 0 ? [] : await here.partsLacking(pair.here, differing);
  const { remedies, advice } = findRemedies(
    pair,
    drifts,
    new Set(lacking.flatMap(({ lacking }) => lacking)),
  );
  const detail = [describeDrift(drifts), ...advice].join("; ");
  return { ...finding(pair.name, null, "drifted", detail), sql: here.remedyStatements(pair, remedies) };
}

/** Whether a site is ClickHouse Cloud: it keeps tables, or a database, there. */
export function keptByCloud({ tables, databases }: Pick<Catalog, "tables" | "databases">): boolean {
  return [...tables.values()].some(({ engine }) => engine.startsWith("Shared")) ||
    [...databases.values()].includes("Shared");
}

/** The same of a table that both sites define alike. */
function refuseAlike(pair: TablePair): Finding | null {
  if (pair.here.engine.startsWith("Shared")) {
    const detail =
      `the table is ${pair.here.engine} here, whose parts ClickHouse Cloud keeps: ch-sync repairs tables whose ` +
      "parts the server itself keeps, and reads such a site only as the active one; exclude the table";
    return finding(pair.name, null, "cloud_engine", detail);
  }
  const [mutationsHere, mutationsThere] = [pair.here.unfinishedMutations, pair.there.unfinishedMutations];
  if (mutationsHere + mutationsThere > 0) {
    const detail = `unfinished mutations: ${mutationsHere} here, ${mutationsThere} at the active site (see ` +
      "system.mutations); the table is compared when they are done";
    return finding(pair.name, null, "mutating", detail);
  }
  const reserved = pair.here.columns.find(({ name }) => name.startsWith(STAGING_PREFIX));
  if (reserved) {
    const detail = `the name of column ${reserved.name} begins like those that ch-sync uses; rename it`;
    return finding(pair.name, null, "reserved_column", detail);
  }
  const hidden = pair.here.columns.find(({ name }) => OWN_TO_SERVER.has(name));
  if (hidden) {
    const detail =
      `column ${hidden.name} hides what the server itself tells by that name, by which ch-sync finds the rows of a ` +
      "partition and of a part; rename it";
    return finding(pair.name, null, "reserved_column", detail);
  }
  if (pair.unignorable !== undefined) return finding(pair.name, null, "ignored_column", pair.unignorable);
  const told = pair.here.columns.filter(({ ignored }) => !ignored);
  const differing = told.find(({ comparedAs }) => comparedAs === "nothing");
  if (differing) {
    const detail =
      `the two servers agree neither on hashes nor on the text of ${differing.type}, the type of column ` +
      `${differing.name}, so nothing can be proven; bring both to the same version`;
    return finding(pair.name, null, "no_common_hash", detail);
  }
  const unhashed = told.find(({ comparedAs }) => comparedAs === "unhashed");
  if (unhashed) {
    const detail =
      `neither server hashes an example value of ${unhashed.type}, the type of column ${unhashed.name}, so nothing can be ` +
      "proven; give the column another type, or exclude the table";
    return finding(pair.name, null, "no_hash", detail);
  }
  const expiring = pair.here.columns.find(({ expiry }) => expiry.rules.length > 0);
  if (expiring && pair.here.traits.picksValues) {
    const detail =
      `column ${expiring.name} has a TTL of its own, and ${pair.here.engine} combines values of several rows: nobody ` +
      "can tell which of them have expired; remove that TTL, or exclude the table";
    return finding(pair.name, null, "values_expire", detail);
  }
  // The old syntax, MergeTree(date, key, 8192), is the only one without this keyword.
  if (!pair.here.engineFull.includes(" ORDER BY ")) {
    return finding(pair.name, null, "old_syntax", "the table has the old MergeTree syntax; recreate it");
  }
  return null;
}

/**
 * Rows, or values, that this site's own TTL takes while the active site keeps them; null: no rule that this site alone has
 * takes any. Asked at each check, as time alone makes rows expire.
 *
 * @param now unix seconds
 */
async function refuseEarlyExpiry(
  { there }: Pick<CheckPorts, "there">,
  { name, there: table, early: rules, ttlStatement }: TablePair,
  now: number,
): Promise<Finding | null> {
  if (rules.length === 0) return null;
  const taken = await there.countEarly(table, rules, now);
  const early = rules.flatMap(({ rule }, index) => {
    const rows = taken[index] ?? 0n;
    return rows > 0n
      ? [
        `the ${rule} here takes ${
          rows === 1n ? "a row or its values" : `${grouped(rows)} rows or their values`
        }, which the active site keeps by its own`,
      ]
      : [];
  });
  if (early.length === 0) return null;
  const statement = early.some((text) => text.startsWith("the TTL here")) ? ttlStatement : null;
  const detail = `${early.join("; ")}: what is copied would expire again. Give both sites the same TTL`;
  return { ...finding(name, null, "expires_early", detail), sql: statement === null ? [] : [statement] };
}
