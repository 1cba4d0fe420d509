/** Whether the target of a view holds already what the view makes of rows, or lacks just that. */
import type { FedTarget } from "../../model/derived_view.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { notExpired, rowHashes } from "../sql/rows_in_scope.ts";
import { comparable, keyHashes, verdictOf } from "./keyed_rows.ts";
import { keyedColumns, type PutTogether, together } from "./put_together.ts";
import { counted, NEVER } from "./fed_verdicts.ts";
import { isApart, takesAgain } from "./takes_again.ts";

/** SQL of the tables that are held against each other. */
export interface FedTables {
  /** Holds what the view makes. */
  readonly made: string;
  /** What it would be added to. */
  readonly to: string;
  /** What is wanted of both together. */
  readonly wanted: string;
  /** That is this site's target, and what it is added to is made of this site's source. */
  readonly own: boolean;
  /** Of the partitions of what the view makes. */
  readonly partitionIds: readonly string[];
  /** Of so many parts into which rows, or keys, are cut by their hash, this one. */
  readonly slice: { readonly of: number; readonly at: number };
}

/** The target of this site, and that of the active one. */
export function atBothSites({ pair: { here, there } }: FedTarget, remote: RemoteAccess) {
  return { to: qualified(here.id), wanted: remoteTable(remote, there), own: false };
}

export function fedStatement(target: FedTarget, tables: FedTables): string {
  return isApart(target.by) ? fedRows(target, tables) : fedKeys(target, tables);
}

/** Of the columns that the views give: what defaults make of them is the same again, or made up by each site. */
export function givenHashes({ pair: { here }, given }: FedTarget) {
  return rowHashes(here.columns.filter(({ name }) => given.includes(name)));
}

function inSlice({ of, at }: FedTables["slice"], hash: string): string {
  return of === 1 ? "" : ` AND ${hash} % ${of} = ${at}`;
}

function fedRows(target: FedTarget, { made, to, wanted, own, partitionIds, slice }: FedTables): string {
  const { city, xxh } = givenHashes(target);
  const where = notExpired(null, target.scope) + inSlice(slice, city);
  const within = `${where} AND _partition_id IN (${partitionIds.map(literal).join(", ")})`;
  const among = `SELECT ${city} FROM ${made} WHERE ${where}`;
  const side = (from: string, side: number, where: string) =>
    `SELECT ${city} AS _chsync_h, ${xxh} AS _chsync_x, toUInt8(${side}) AS _chsync_side FROM ${from} WHERE ${where}`;
  const all = [
    side(made, 2, where),
    side(to, 0, `${within} AND ${city} IN (${among})`),
    // GLOBAL: without it the subquery would run at the remote site, which has no such table.
    side(wanted, 1, `${within} AND ${city} GLOBAL IN (${among})`),
  ];
  const count = (side: number, name: string) => `toInt64(countIf(_chsync_side = ${side})) AS _chsync_${name}`;
  const from = `SELECT _chsync_h, _chsync_x, ${count(0, "to")}, ${count(1, "wanted")}, ${count(2, "made")} ` +
    `FROM (${all.join(" UNION ALL ")}) GROUP BY _chsync_h, _chsync_x HAVING _chsync_made > 0`;
  if (target.by === "set") {
    const [to, wanted] = ["_chsync_to > 0", "_chsync_wanted > 0"];
    // What both hold may have been made of these rows, or of others.
    const both = { ...NEVER, hidden: `${to} AND ${wanted}` };
    return counted(
      own
        ? { ...both, gone: `NOT (${wanted})`, lacks: `${wanted} AND NOT (${to})` }
        : { ...both, lacks: `${wanted} AND NOT (${to})`, bare: `NOT (${to})`, below: `NOT (${to})` },
      from,
      "0",
    );
  }
  return counted(
    {
      hidden: "0",
      same: "0",
      gone: own ? "_chsync_wanted = 0" : "0",
      lacks: "_chsync_to + _chsync_made = _chsync_wanted",
      holds: "_chsync_to = _chsync_wanted",
      bare: own ? "0" : "_chsync_to = 0",
      below: "_chsync_to + _chsync_made < _chsync_wanted",
      nearer: "abs(_chsync_to + _chsync_made - _chsync_wanted) < abs(_chsync_to - _chsync_wanted)",
    },
    from,
  );
}

function fedKeys(target: FedTarget, { made, to, wanted, own, partitionIds, slice }: FedTables): string {
  const { pair: { here }, scope } = target;
  const by = typeof target.by === "string" ? "engine" : target.by;
  const { key, values, hides } = keyedColumns(here, by);
  const [k, l] = keyHashes(key);
  const where = notExpired(null, scope) + inSlice(slice, k);
  const within = by === "engine"
    ? `${where} AND _partition_id IN (${partitionIds.map(literal).join(", ")})`
    : where;
  const among = `SELECT ${k} FROM ${made} WHERE ${where}`;
  const columns = copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ");
  const [old, news] = [
    `SELECT ${columns} FROM ${to} WHERE ${within} AND ${k} IN (${among})`,
    `SELECT ${columns} FROM ${made} WHERE ${where}`,
  ];
  const put = (from: string, side: number, where: string) =>
    `SELECT ${k} AS _chsync_k, ${l} AS _chsync_l, toUInt8(${side}) AS _chsync_side` +
    values.map((value, at) => `, ${held(value)} AS _chsync_v${at}`).join("") +
    ` FROM ${from} WHERE ${where} GROUP BY _chsync_k, _chsync_l`;
  const all = [
    put(`(${old})`, 0, "1"),
    put(wanted, 1, `${within} AND ${k} GLOBAL IN (${among})`),
    put(`(${old} UNION ALL ${news})`, 2, "1"),
  ];
  const sides = values.flatMap((_, at) =>
    ["to", "wanted", "both"].map((name, side) =>
      `anyIf(_chsync_v${at}, _chsync_side = ${side}) AS _chsync_${name}${at}`
    )
  );
  const every = values.map((value, at) => ({ value, at }));
  // What may come any number of times does not tell whether it came.
  const telling = every.filter(({ value }) => !value.repeatable && value.says !== "hint");
  const [numbers, others] = [
    telling.filter(({ value }) => isNumeric(value)),
    telling.filter(({ value }) => !isNumeric(value)),
  ];
  const equal = (some: typeof every, one: string, other: string) =>
    [
      "1",
      ...some.map(({ value, at }) =>
        `NOT (${verdictOf(value, `_chsync_${one}${at}`, `_chsync_${other}${at}`).differs})`
      ),
    ].join(" AND ");
  const from = `SELECT ${
    [
      "_chsync_k, _chsync_l",
      "countIf(_chsync_side = 0) > 0 AS _chsync_in_to",
      "countIf(_chsync_side = 1) > 0 AS _chsync_in_wanted",
      ...sides,
    ].join(", ")
  } FROM (${all.join(" UNION ALL ")}) GROUP BY _chsync_k, _chsync_l HAVING countIf(_chsync_side = 2) > 0`;
  if (takesAgain(target)) {
    const certain = every.filter(({ value: { says } }) => says !== "hint" && says !== "near");
    // Whether more of it came does not matter: only what the other one holds, and this one does not, does.
    const held = `NOT _chsync_in_wanted OR (_chsync_in_to AND ${equal(certain, "to", "both")})`;
    return counted({ ...NEVER, same: held, lacks: "1" }, from);
  }
  const number = (side: string, at: number) => `toFloat64(_chsync_${side}${at})`;
  const distance = (side: string) =>
    ["0", ...numbers.map(({ at }) => `abs(${number(side, at)} - ${number("wanted", at)})`)].join(" + ");
  const below = numbers.map(({ at }) => `${number("both", at)} <= ${number("wanted", at)}`);
  return counted(
    {
      hidden: hides ? `_chsync_in_${own ? "wanted" : "to"} AND ${equal(telling, "to", "both")}` : "0",
      same: `${hides ? "_chsync_in_to AND " : ""}${equal(every, "to", "both")}`,
      gone: own ? "NOT _chsync_in_wanted" : "0",
      lacks: equal(telling, "both", "wanted"),
      holds: equal(telling, "to", "wanted"),
      bare: own ? "0" : "NOT _chsync_in_to",
      below: [numbers.length > 0 ? "1" : "0", ...below, equal(others, "both", "wanted")].join(" AND "),
      nearer: `${distance("both")} < ${distance("to")}`,
    },
    from,
  );
}

function isNumeric({ by, says }: PutTogether): boolean {
  return says === "near" || by === "sum" || (says === "most" && /^(?:sum|count)/.test(by));
}

/** Numbers as they are, so that it can be told how far apart they are. */
function held(value: PutTogether): string {
  const sql = together(value);
  return isNumeric(value) && value.says !== "near" ? `ifNull(${sql}, 0)` : comparable(value, sql);
}
