/** Before rows are fed to the views of a table: what the targets of the views hold of it already. */
import type { FedTarget } from "../../model/derived_view.ts";
import type { Repair } from "../../model/repair.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { meansTheSame, overStaging } from "../catalog/view_over_staging.ts";
import { readTree } from "../catalog/read_view_kind.ts";
import { type AskedTarget, contradicts, leavesOpen } from "../engines/fed_decision.ts";
import type { FedTables, FedVerdictsRow } from "../engines/fed_rows.ts";
import { atBothSites, decodeFedVerdicts, fedStatement, givenHashes } from "../engines/fed_rows.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { inSmallerBlocks } from "../http/within_memory.ts";
import { EXACT_INSERT, NO_DDL } from "../http/statement_settings.ts";
import { DROP_ANY_SIZE } from "../sql/remote_options.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { createStaging, dropStaging } from "./staging_statements.ts";

export interface AskOptions {
  readonly connection: Connection;
  readonly repair: Repair;
  readonly remote: RemoteAccess;
  /** For statements that read the remote site. */
  readonly copyOptions: StatementOptions;
  /** A name that no staging table has had. */
  readonly nextStaging: (database: string) => TableId;
  /** By how much smaller blocks than usual the copy fitted the memory. */
  readonly step: number;
}

/**
 * What each view makes of the staged rows is put into a table like its target, and held against the target at both sites.
 *
 * @param staged holds the rows, under the columns of the view's source
 */
export async function askTargets(
  options: AskOptions,
  targets: readonly FedTarget[],
  source: TableId,
  staged: TableId,
): Promise<AskedTarget[]> {
  const asked: AskedTarget[] = [];
  for (const target of targets) asked.push(...await ask(options, target, source, staged));
  return asked;
}

async function ask(
  options: AskOptions,
  target: FedTarget,
  source: TableId,
  staged: TableId,
): Promise<AskedTarget[]> {
  const { connection, remote, copyOptions, nextStaging } = options;
  const { pair: { here }, views, next, by, against } = target;
  const selects: { readonly select: string; readonly columns: readonly string[] }[] = [];
  for (const { view, columns } of views) {
    const select = overStaging(view.select, source, staged);
    if (select === null || columns.length === 0) return [];
    const [before, after] = [await readTree(connection, view.select), await readTree(connection, select)];
    if (!meansTheSame(before.lines, after.lines, source, staged)) return [];
    selects.push({ select, columns });
  }
  const made = nextStaging(here.id.database);
  const own = nextStaging(here.id.database);
  const hold = async (tables: FedTables) => {
    const row = await connection.one<FedVerdictsRow>(fedStatement(target, tables), copyOptions);
    return decodeFedVerdicts(row);
  };
  const make = async (into: TableId, statements: readonly string[]) => {
    for (const statement of [dropStaging(into), ...createStaging(here, into)]) {
      await connection.command(statement, DROP_ANY_SIZE);
    }
    for (const statement of statements) {
      const settings = { ...EXACT_INSERT, ...NO_DDL };
      await connection.command(statement, inSmallerBlocks({ long: true, settings }, options.step));
    }
  };
  try {
    await make(made, selects.map(({ select, columns }) => fill(made, columns, `(${select})`)));
    const partitions = await connection.rows<{ id: string }>(partitionsOf(made));
    if (partitions.length === 0) return [{ target, verdicts: null, own: null }];
    const tables = { made: qualified(made), partitionIds: partitions.map(({ id }) => id) };
    const verdicts = against === "both" ? await hold({ ...tables, ...atBothSites(target, remote) }) : null;
    const holdOwn = async (filter: string) => {
      const ofOwn = views.map(({ view, columns }) =>
        fill(own, columns, ownRows(target, view.select, made, filter))
      );
      await make(own, ofOwn);
      return await hold({ ...tables, to: qualified(own), wanted: qualified(here.id) });
    };
    const isOpen = by !== "again" && (verdicts === null || contradicts(verdicts));
    const filter = filterOf(options, target, source);
    let ownVerdicts = isOpen ? await holdOwn(filter) : null;
    // The same rows may be made of other partitions too.
    if (ownVerdicts && filter !== "" && leavesOpen(ownVerdicts)) ownVerdicts = await holdOwn("");
    return [
      { target, verdicts, own: ownVerdicts },
      ...await askTargets(options, next, here.id, made),
    ];
  } finally {
    for (const table of [made, own]) {
      await connection.command(dropStaging(table), { ...DROP_ANY_SIZE, long: true })
        .catch(() => {}); // the next check drops what is left behind
    }
  }
}

function fill(into: TableId, columns: readonly string[], from: string): string {
  const list = columns.map(identifier).join(", ");
  return `INSERT INTO ${qualified(into)} (${list}) SELECT ${list} FROM ${from}`;
}

/** What a view makes of what its source holds; where rows stay apart, only those that are in question, or it would be a copy of all. */
function ownRows(target: FedTarget, select: string, made: TableId, filter: string): string {
  if (target.by !== "rows") return `(${select})${filter}`;
  const { city } = givenHashes(target);
  const columns = target.pair.here.columns.filter(({ name }) => target.given.includes(name));
  const asStored = columns.map(({ name, type }) =>
    `CAST(${identifier(name)}, ${literal(type)}) AS ${identifier(name)}`
  );
  return `(SELECT * REPLACE (${asStored.join(", ")}) FROM (${select})) ` +
    `WHERE ${city} IN (SELECT ${city} FROM ${qualified(made)})${filter}`;
}

/** Rows that stay apart are looked for among those of their own partition first. */
function filterOf({ repair }: AskOptions, { by }: FedTarget, source: TableId): string {
  if (by !== "rows" || tableName(source) !== repair.pair.name) return "";
  const only = `_partition_id = ${literal(repair.partitionId)}`;
  return ` SETTINGS additional_table_filters = {${literal(tableName(source))}: ${literal(only)}}`;
}

function partitionsOf({ database, name }: TableId): string {
  return `SELECT DISTINCT partition_id AS id FROM system.parts WHERE active AND rows > 0 AND database = ${
    literal(database)
  } AND table = ${literal(name)}`;
}
