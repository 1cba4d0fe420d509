/** Before rows are fed to the views of a table: what the targets of the views hold of it already. */
import type { FedTarget } from "../../model/derived_view.ts";
import type { Repair } from "../../model/repair.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { meansTheSame, overStaging } from "../catalog/view_over_staging.ts";
import { readTree } from "../catalog/read_view_kind.ts";
import { type AskedTarget, contradicts } from "../engines/fed_decision.ts";
import type { FedTables, FedVerdicts, FedVerdictsRow } from "../engines/fed_rows.ts";
import { atBothSites, decodeFedVerdicts, fedStatement } from "../engines/fed_rows.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
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
  const { pair: { here }, views, next } = target;
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
  const make = async (
    into: TableId,
    select: string,
    columns: readonly string[],
    settings: string,
  ) => {
    const list = columns.map(identifier).join(", ");
    await connection.command(
      `INSERT INTO ${qualified(into)} (${list}) SELECT ${list} FROM (${select})${settings}`,
      {
        long: true,
        settings: { ...EXACT_INSERT, ...NO_DDL },
      },
    );
  };
  const hold = async (tables: FedTables) => {
    const row = await connection.one<FedVerdictsRow>(fedStatement(target, tables), copyOptions);
    return decodeFedVerdicts(row);
  };
  try {
    for (const statement of createStaging(here, made)) await connection.command(statement);
    for (const { select, columns } of selects) await make(made, select, columns, "");
    const partitions = await connection.rows<{ id: string }>(partitionsOf(made));
    if (partitions.length === 0) return [{ target, verdicts: null, own: null }];
    const tables = { made: qualified(made), partitionIds: partitions.map(({ id }) => id) };
    const verdicts = await hold({ ...tables, ...atBothSites(target, remote) });
    let ownVerdicts: FedVerdicts | null = null;
    if (contradicts(verdicts) && target.by !== "again") {
      for (const statement of createStaging(here, own)) await connection.command(statement);
      for (const { view, columns } of views) {
        await make(own, view.select, columns, filtersOf(options, target, source));
      }
      ownVerdicts = await hold({ ...tables, to: qualified(own), wanted: qualified(here.id) });
    }
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

/** Rows that stay apart are made of those of their own partition; all of them would be a copy of the table. */
function filtersOf({ repair }: AskOptions, { by }: FedTarget, source: TableId): string {
  if (by !== "rows" || tableName(source) !== repair.pair.name) return "";
  const only = `_partition_id = ${literal(repair.partitionId)}`;
  return ` SETTINGS additional_table_filters = {${literal(tableName(source))}: ${literal(only)}}`;
}

function partitionsOf({ database, name }: TableId): string {
  return `SELECT DISTINCT partition_id AS id FROM system.parts WHERE active AND rows > 0 AND database = ${
    literal(database)
  } AND table = ${literal(name)}`;
}
