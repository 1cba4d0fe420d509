/** Whether the target of a view holds already what the view makes of rows, or lacks just that. */
import type { FedTarget } from "../../model/derived_view.ts";
import type { TableId } from "../../model/table.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { notExpired, rowHashes } from "../sql/rows_in_scope.ts";
import { keyHashes, verdictOf } from "./keyed_rows.ts";
import { keyedColumns, type PutTogether, together } from "./put_together.ts";

/** How many rows, or keys, of what the view makes say what. */
export interface FedVerdicts {
  /** With it, this site comes to what the active one holds. */
  readonly lacks: bigint;
  /** Without it, this site holds what the active one holds. */
  readonly holds: bigint;
  /** Neither, and with it this site comes nearer. */
  readonly nearerWith: bigint;
  /** Neither, and without it this site is nearer. */
  readonly nearerWithout: bigint;
  /** Changes nothing. */
  readonly same: bigint;
}

const NAMES = ["lacks", "holds", "nearer_with", "nearer_without", "same"] as const;
export type FedVerdictsRow = Readonly<Record<`_chsync_${(typeof NAMES)[number]}`, string>>;

export function decodeFedVerdicts(row: FedVerdictsRow): FedVerdicts {
  return {
    lacks: BigInt(row._chsync_lacks),
    holds: BigInt(row._chsync_holds),
    nearerWith: BigInt(row._chsync_nearer_with),
    nearerWithout: BigInt(row._chsync_nearer_without),
    same: BigInt(row._chsync_same),
  };
}

/** @param made a table like the target that holds what the view makes @param ids its partitions */
export function fedStatement(
  target: FedTarget,
  made: TableId,
  ids: readonly string[],
  remote: RemoteAccess,
): string {
  return target.by === "rows" || target.by === "again"
    ? fedRows(target, made, ids, remote)
    : fedKeys(target, made, ids, remote);
}

function fedRows(
  { pair: { here, there }, scope }: FedTarget,
  made: TableId,
  ids: readonly string[],
  remote: RemoteAccess,
): string {
  const { city, xxh } = rowHashes(here.columns);
  const where = notExpired(null, scope);
  const within = `${where} AND _partition_id IN (${ids.map(literal).join(", ")})`;
  const wanted = `SELECT ${city} FROM ${qualified(made)} WHERE ${where}`;
  const side = (from: string, side: number, where: string) =>
    `SELECT ${city} AS _chsync_h, ${xxh} AS _chsync_x, toUInt8(${side}) AS _chsync_side FROM ${from} WHERE ${where}`;
  const all = [
    side(qualified(made), 2, where),
    side(qualified(here.id), 0, `${within} AND ${city} IN (${wanted})`),
    // GLOBAL: without it the subquery would run at the remote site, which has no such table.
    side(remoteTable(remote, there), 1, `${within} AND ${city} GLOBAL IN (${wanted})`),
  ];
  const count = (side: number, name: string) => `toInt64(countIf(_chsync_side = ${side})) AS _chsync_${name}`;
  return counted(
    {
      same: "0",
      lacks: "_chsync_here + _chsync_made = _chsync_there",
      holds: "_chsync_here = _chsync_there",
      nearer: "abs(_chsync_here + _chsync_made - _chsync_there) < abs(_chsync_here - _chsync_there)",
    },
    `SELECT _chsync_h, _chsync_x, ${count(0, "here")}, ${count(1, "there")}, ${count(2, "made")} ` +
      `FROM (${all.join(" UNION ALL ")}) GROUP BY _chsync_h, _chsync_x HAVING _chsync_made > 0`,
  );
}

function fedKeys(
  { pair: { here, there }, by, scope }: FedTarget,
  made: TableId,
  ids: readonly string[],
  remote: RemoteAccess,
): string {
  if (by === "rows" || by === "again") throw new Error("These rows have no key");
  const { key, values } = keyedColumns(here, by);
  const [k, l] = keyHashes(key);
  const where = notExpired(null, scope);
  const within = by === "engine" ? `${where} AND _partition_id IN (${ids.map(literal).join(", ")})` : where;
  const wanted = `SELECT ${k} FROM ${qualified(made)} WHERE ${where}`;
  const columns = copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ");
  const [mine, news] = [
    `SELECT ${columns} FROM ${qualified(here.id)} WHERE ${within} AND ${k} IN (${wanted})`,
    `SELECT ${columns} FROM ${qualified(made)} WHERE ${where}`,
  ];
  const put = (from: string, side: number, where: string) =>
    `SELECT ${k} AS _chsync_k, ${l} AS _chsync_l, toUInt8(${side}) AS _chsync_side` +
    values.map((value, at) => `, ${held(value)} AS _chsync_v${at}`).join("") +
    ` FROM ${from} WHERE ${where} GROUP BY _chsync_k, _chsync_l`;
  const all = [
    put(`(${mine})`, 0, "1"),
    put(remoteTable(remote, there), 1, `${within} AND ${k} GLOBAL IN (${wanted})`),
    put(`(${mine} UNION ALL ${news})`, 2, "1"),
  ];
  const sides = values.flatMap((_, at) =>
    ["here", "there", "both"].map((name, side) =>
      `anyIf(_chsync_v${at}, _chsync_side = ${side}) AS _chsync_${name}${at}`
    )
  );
  // What may come any number of times does not tell whether it came.
  const telling = values.flatMap((value, at) =>
    value.repeatable || value.says === "hint" ? [] : [{ value, at }]
  );
  const equal = (some: readonly { value: PutTogether; at: number }[], one: string, other: string) =>
    some.length === 0
      ? "1"
      : some.map(({ value, at }) =>
        `NOT (${verdictOf(value, `_chsync_${one}${at}`, `_chsync_${other}${at}`).differs})`
      ).join(" AND ");
  const distance = (to: string) =>
    [
      "0",
      ...telling.filter(({ value }) => isNumeric(value)).map(({ at }) =>
        `abs(toFloat64(_chsync_${to}${at}) - toFloat64(_chsync_there${at}))`
      ),
    ].join(" + ");
  const every = values.map((value, at) => ({ value, at }));
  return counted(
    {
      same: equal(every, "here", "both"),
      lacks: equal(telling, "both", "there"),
      holds: equal(telling, "here", "there"),
      nearer: `${distance("both")} < ${distance("here")}`,
    },
    `SELECT _chsync_k, _chsync_l${sides.map((side) => `, ${side}`).join("")} FROM (${
      all.join(" UNION ALL ")
    }) ` +
      `GROUP BY _chsync_k, _chsync_l HAVING countIf(_chsync_side = 2) > 0`,
  );
}

function isNumeric({ by, says }: PutTogether): boolean {
  return says === "near" || by === "sum" || (says === "most" && /^(?:sum|count)/.test(by));
}

/** Numbers as they are, so that it can be told how far apart they are. */
function held(value: PutTogether): string {
  const sql = together(value);
  if (value.says === "near") return `toFloat64(ifNull(${sql}, 0))`;
  if (isNumeric(value)) return `ifNull(${sql}, 0)`;
  return value.says === "most" || value.says === "least" ? sql : `cityHash64(tuple(${sql}))`;
}

interface Conditions {
  readonly same: string;
  readonly lacks: string;
  readonly holds: string;
  readonly nearer: string;
}

function counted({ same, lacks, holds, nearer }: Conditions, from: string): string {
  return `SELECT countIf(_chsync_is_same) AS _chsync_same, ` +
    `countIf(NOT _chsync_is_same AND _chsync_is_lacked) AS _chsync_lacks, ` +
    `countIf(NOT _chsync_is_same AND NOT _chsync_is_lacked AND _chsync_is_held) AS _chsync_holds, ` +
    `countIf(_chsync_is_open AND _chsync_is_nearer) AS _chsync_nearer_with, ` +
    `countIf(_chsync_is_open AND NOT _chsync_is_nearer) AS _chsync_nearer_without FROM (` +
    `SELECT (${same}) AS _chsync_is_same, (${lacks}) AS _chsync_is_lacked, (${holds}) AS _chsync_is_held, ` +
    `(${nearer}) AS _chsync_is_nearer, NOT (_chsync_is_same OR _chsync_is_lacked OR _chsync_is_held) ` +
    `AS _chsync_is_open FROM (${from}))`;
}
