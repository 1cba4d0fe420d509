/** Before rows are fed to the views of a table: what the targets of the views hold of it already. */
import type { FedPassage, FedTarget, FedWay } from "../../model/derived_view.ts";
import type { Repair } from "../../model/repair.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { meansTheSame, overStaging } from "../catalog/view_over_staging.ts";
import { readTree } from "../catalog/read_view_kind.ts";
import { type Asked, leavesOpen, needsOwn, unaskedOf } from "../engines/fed_decision.ts";
import { atBothSites, fedStatement, type FedTables } from "../engines/fed_rows.ts";
import {
  addVerdicts,
  decodeFedVerdicts,
  type FedVerdicts,
  type FedVerdictsRow,
} from "../engines/fed_verdicts.ts";
import { takesAgain } from "../engines/takes_again.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { isAnswer, isDenied } from "../http/errors.ts";
import { inSmallerBlocks, withinMemory } from "../http/within_memory.ts";
import { EXACT_INSERT, NO_DDL } from "../http/statement_settings.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { type Filling, handedOn, heldOf, ownMaking, ownPartition, ownRows } from "../engines/own_making.ts";
import { dropMade } from "./drop_made.ts";
import { createStaging } from "./staging_table.ts";
import { failsAgain } from "./view_errors.ts";

/** Into how many more parts a comparison is cut where the server has not the memory. */
const SLICES = 8;

/** How often what is written to all the time is held against what its source makes, until both are the same. */
const TRIES = 4;

export interface AskOptions {
  readonly connection: Connection;
  readonly repair: Repair;
  readonly remote: RemoteAccess;
  /** For statements that read the remote site. */
  readonly copyOptions: StatementOptions;
  /** A name that no staging table has had, beside that of the repair. */
  readonly nextStaging: () => TableId;
  /** By how much smaller blocks than usual the copy fitted the memory. */
  readonly step: number;
}

interface From {
  /** What feeds the views. */
  readonly source: TableId;
  /** Holds the rows, under its columns. */
  readonly staged: TableId;
  /** SQL of what the source has got of all that the repaired table holds here; null: it cannot be made again. */
  readonly held: string | null;
}

/**
 * What each view makes of the staged rows is put into a table like its target, and held against the target at both sites.
 */
export async function askTargets(
  options: AskOptions,
  ways: readonly FedWay[],
  from: From,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const way of ways) {
    asked.push(...way.by === "nothing" ? await askBeyond(options, way, from) : await ask(options, way, from));
  }
  return asked;
}

/** The SELECTs of the views over the staged rows; null: one of them cannot be asked so. */
async function overStaged(
  connection: Connection,
  views: FedWay["views"],
  { source, staged }: From,
): Promise<readonly Filling[] | null> {
  const fillings: Filling[] = [];
  for (const { view, columns } of views) {
    const select = overStaging(view.select, source, staged);
    if (select === null || columns.length === 0) return null;
    const [before, after] = [await readTree(connection, view.select), await readTree(connection, select)];
    if (!meansTheSame(before.lines, after.lines, source, staged)) return null;
    fillings.push({ columns, from: `(${select})` });
  }
  return fillings;
}

/** Views of what hands the rows on. */
async function askBeyond(
  options: AskOptions,
  { views, through, keeps, next }: FedPassage,
  from: From,
): Promise<Asked[]> {
  const { connection, nextStaging } = options;
  const itself = keeps ? [{ unasked: tableName(through) }] : [];
  if (next.length === 0) return itself;
  const fillings = await overStaged(connection, views, from);
  if (fillings === null) return [...itself, ...unaskedOf(next)];
  const made = nextStaging();
  try {
    const columns = await connection.rows<{ name: string; type: string }>(columnsOf(through));
    const taken = new Set(columns.map(({ name }) => name));
    const some = fillings.map(({ columns, from }) => ({
      from,
      columns: columns.filter((name) => taken.has(name)),
    }));
    if (some.some(({ columns }) => columns.length === 0)) return [];
    const failed = await fill(options, made, [createSimple(through, made)], some)
      .then(() => null, (error: unknown) => error);
    if (failed !== null && failsAgain(failed)) return [];
    if (failed !== null) throw failed;
    const held = handedOn(ownMaking(views, [], from), columns);
    return [...itself, ...await askTargets(options, next, { source: through, staged: made, held })];
  } finally {
    await drop(connection, made);
  }
}

async function ask(options: AskOptions, target: FedTarget, from: From): Promise<Asked[]> {
  const { connection, remote, copyOptions, nextStaging } = options;
  const { pair: { here }, views, beside, next, against } = target;
  const fillings = await overStaged(connection, views, from);
  if (fillings === null) return unaskedOf([target]);
  const made = nextStaging();
  const [own, seen] = [nextStaging(), nextStaging()];
  const make = (into: TableId, some: readonly Filling[]) =>
    fill(options, into, createStaging(here, into, connection.oldVersion), some);
  try {
    const failed = await make(made, fillings).then(() => null, (error: unknown) => error);
    // What the view itself cannot make of the rows, it cannot make when it is fed: that is told there.
    if (failed !== null && against !== "both" && failsAgain(failed)) return [];
    if (failed !== null) throw failed;
    const partitions = await connection.rows<{ id: string }>(partitionsOf(made));
    if (partitions.length === 0) return [];
    const hold = (between: Pick<FedTables, "to" | "wanted" | "own">) => {
      const tables = { ...between, made: qualified(made), partitionIds: partitions.map(({ id }) => id) };
      return withinMemory(async (step) => {
        const of = SLICES ** step;
        const verdicts: FedVerdicts[] = [];
        for (let at = 0; at < of; at++) {
          const statement = fedStatement(target, { ...tables, slice: { of, at } });
          const row = await connection.one<FedVerdictsRow>(statement, inSmallerBlocks(copyOptions, step));
          verdicts.push(decodeFedVerdicts(row));
        }
        return addVerdicts(verdicts);
      });
    };
    const holdBoth = () => hold(atBothSites(target, remote));
    const making = ownMaking(views, beside, from);
    const holdOwn = async (filter: string) => {
      if (making === null) return null;
      const some = making.map((one) => ({ ...one, from: ownRows(target, one.from, made, filter) }));
      for (let left = TRIES;; left--) {
        await Promise.all([own, seen].map((table) => drop(connection, table)));
        // Both begin at once: what is written all the time is the same for both, or nearly.
        const [failed] = await Promise.all([
          make(own, some).then(() => null, (error: unknown) => error),
          make(seen, [heldOf(target, made)]),
        ]);
        if (failed !== null && !cannotTell(failed)) throw failed;
        if (failed !== null) return null;
        const verdicts = await hold({ to: qualified(own), wanted: qualified(seen), own: true });
        if (left === 1 || !leavesOpen(verdicts) || !await isWrittenTo(connection, here.id)) return verdicts;
      }
    };
    const again = takesAgain(target);
    let verdicts = again && against === "here"
      ? await hold({ to: qualified(here.id), wanted: qualified(made), own: false })
      : again || against === "both"
      ? await holdBoth()
      : null;
    const asksOwn = !again && (verdicts === null || needsOwn(verdicts));
    const filter = ownPartition(options.repair, target, from.source);
    let ownVerdicts = asksOwn ? await holdOwn(filter) : null;
    if (ownVerdicts && filter !== "" && leavesOpen(ownVerdicts)) {
      // The same rows may be made of other partitions too.
      ownVerdicts = await holdOwn("");
    }
    if (!again && against === "either" && (ownVerdicts === null || leavesOpen(ownVerdicts))) {
      verdicts = await holdBoth();
    }
    const held = handedOn(making, here.columns);
    const beyond = await askTargets(options, next, { source: here.id, staged: made, held });
    return [{ target, verdicts, own: ownVerdicts }, ...beyond];
  } finally {
    for (const table of [made, own, seen]) await drop(connection, table);
  }
}

const MEMORY_LIMIT_EXCEEDED = 241;

/** Of a server that has the memory and may read: what was asked for cannot be told so. */
function cannotTell(error: unknown): boolean {
  return isAnswer(error) && error.code !== MEMORY_LIMIT_EXCEEDED && !isDenied(error);
}

/** Within the last minute. */
async function isWrittenTo(connection: Connection, { database, name }: TableId): Promise<boolean> {
  const { parts } = await connection.one<{ parts: string }>(
    `SELECT count() AS parts FROM system.parts WHERE active AND modification_time > now() - 60 AND database = ${
      literal(database)
    } AND table = ${literal(name)}`,
  );
  return parts !== "0";
}

async function drop(connection: Connection, table: TableId): Promise<void> {
  await dropMade(connection, table).catch(() => {}); // the next check drops what is left behind
}

/** Creates a table and fills it; where the server has not the memory, once more from the beginning, in smaller blocks. */
async function fill(
  { connection, step: from }: AskOptions,
  into: TableId,
  create: readonly string[],
  some: readonly Filling[],
): Promise<void> {
  await withinMemory(async (step) => {
    if (step > from) await dropMade(connection, into);
    for (const statement of create) await connection.command(statement);
    const options = inSmallerBlocks({ long: true, settings: { ...EXACT_INSERT, ...NO_DDL } }, step);
    for (const { columns, from } of some) {
      const list = columns.map(identifier).join(", ");
      await connection.command(
        `INSERT INTO ${qualified(into)} (${list}) SELECT ${list} FROM ${from}`,
        options,
      );
    }
  }, from);
}

/** Creates an empty table that takes rows like another, whatever its engine is, in no order. */
function createSimple(table: TableId, staging: TableId): string {
  return `CREATE TABLE ${qualified(staging)} AS ${qualified(table)} ENGINE = MergeTree ORDER BY tuple()`;
}

function columnsOf({ database, name }: TableId): string {
  return `SELECT name, type FROM system.columns WHERE default_kind IN ('', 'DEFAULT') AND database = ${
    literal(database)
  } AND table = ${literal(name)}`;
}

function partitionsOf({ database, name }: TableId): string {
  return `SELECT DISTINCT partition_id AS id FROM system.parts WHERE active AND rows > 0 AND database = ${
    literal(database)
  } AND table = ${literal(name)}`;
}
