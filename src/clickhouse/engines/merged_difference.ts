/** What an engine that merges rows lacks here, key by key: level 3 for replacing and collapsing engines. */
import type { MergedDifference, MergeRule } from "../../model/merge_rule.ts";
import type { TablePair } from "../../model/table.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { identifier, qualified } from "../sql/quoting.ts";
import { inKeyBuckets, keyHashes, lastValues, type MergedRequest, mergedRows, netOf } from "./merged_rows.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { rowHashes } from "../sql/rows_in_scope.ts";

export interface MergedPairRequest extends Omit<MergedRequest, "table"> {
  readonly pair: TablePair;
}

/** Sums up what `differences` finds. */
export function mergedDifferenceStatement(request: MergedPairRequest, remote: RemoteAccess): string {
  const collapses = request.pair.here.mergeRule.kind === "collapse";
  const hash = (element: 1 | 2) =>
    collapses
      ? `sum(toUInt64(_chsync_plus) * tupleElement(_chsync_state, ${element}) + ` +
        `toUInt64(_chsync_minus) * tupleElement(_chsync_cancel, ${element}))`
      : `sumIf(tupleElement(_chsync_there_w, ${element}), _chsync_missing)`;
  return `SELECT toUInt64(sum(${
    collapses ? "_chsync_plus + _chsync_minus" : "_chsync_missing"
  })) AS _chsync_rows, ` +
    `${hash(1)} AS _chsync_city, ${
      hash(2)
    } AS _chsync_xxh, countIf(_chsync_conflict) AS _chsync_conflicts, ` +
    `toUInt64(sum(_chsync_doubt)) AS _chsync_unknown, countIf(_chsync_more) AS _chsync_surplus, ` +
    `countIf(_chsync_young) AS _chsync_unsettled FROM (${differences(request, remote)})`;
}

/**
 * One row for each key on either side. Keys with a row inside the settle window on either side are left out: what will
 * come of them is not known yet.
 */
function differences(request: MergedPairRequest, remote: RemoteAccess): string {
  const { pair: { here, there: active } } = request;
  const side = (from: string, there: 0 | 1) =>
    `SELECT *, toUInt8(${there}) AS _chsync_there FROM (${mergedRows({ ...request, table: here }, from)})`;
  const both = `(${side(remoteTable(remote, active), 1)} UNION ALL ${side(qualified(here.id), 0)})`;
  const columns = verdicts(here.mergeRule);
  return `SELECT *, ${columns.verdicts} FROM (` +
    `SELECT _chsync_k, _chsync_l, max(_chsync_u) AS _chsync_young, ` +
    `countIf(_chsync_there = 1) AS _chsync_count_there, countIf(_chsync_there = 0) AS _chsync_count_here, ` +
    `${columns.sides} FROM ${both} GROUP BY _chsync_k, _chsync_l)`;
}

/** What is put together of both sides, and what follows from it. */
interface Verdicts {
  readonly sides: string;
  readonly verdicts: string;
}

function verdicts(rule: MergeRule): Verdicts {
  if (rule.kind === "collapse") return collapsed(rule.versioned);
  return rule.kind === "coalesce" ? COALESCED : REPLACED;
}

/** The highest version wins; the same version with other content on the two sites is a conflict (trap 27). */
const REPLACED: Verdicts = {
  sides:
    "maxIf(_chsync_v, _chsync_there = 1) AS _chsync_there_v, maxIf(_chsync_v, _chsync_there = 0) AS _chsync_here_v, " +
    "anyIf(_chsync_w, _chsync_there = 1) AS _chsync_there_w, anyIf(_chsync_w, _chsync_there = 0) AS _chsync_here_w",
  verdicts: "_chsync_young = 0 AND _chsync_count_there > 0 AND " +
    "(_chsync_count_here = 0 OR _chsync_here_v < _chsync_there_v) AS _chsync_missing, " +
    "_chsync_young = 0 AND _chsync_count_there > 0 AND _chsync_count_here > 0 AND " +
    "_chsync_here_v = _chsync_there_v AND _chsync_here_w != _chsync_there_w AS _chsync_conflict, 0 AS _chsync_doubt, " +
    "_chsync_young = 0 AND (_chsync_count_there = 0 OR (_chsync_count_here > 0 AND _chsync_here_v > _chsync_there_v)) " +
    "AS _chsync_more",
};

/** A value is missing where this site has NULL; two values of which the later one is not known are a conflict. */
const COALESCED: Verdicts = {
  sides: "anyIf(_chsync_w, _chsync_there = 1) AS _chsync_there_w, " +
    "anyIf(_chsync_c, _chsync_there = 1) AS _chsync_there_c, anyIf(_chsync_c, _chsync_there = 0) AS _chsync_here_c",
  verdicts: "_chsync_young = 0 AND _chsync_count_there > 0 AS _chsync_told, " +
    "_chsync_told AND _chsync_count_here > 0 AND arrayExists((_chsync_a, _chsync_b) -> " +
    "_chsync_a != 0 AND _chsync_b != 0 AND _chsync_a != _chsync_b, _chsync_there_c, _chsync_here_c) AS _chsync_conflict, " +
    "_chsync_told AND NOT _chsync_conflict AND (_chsync_count_here = 0 OR arrayExists((_chsync_a, _chsync_b) -> " +
    "_chsync_a != 0 AND _chsync_b = 0, _chsync_there_c, _chsync_here_c)) AS _chsync_missing, 0 AS _chsync_doubt, " +
    "_chsync_young = 0 AND (_chsync_count_there = 0 OR (_chsync_count_here > 0 AND arrayExists((_chsync_a, _chsync_b) -> " +
    "_chsync_a = 0 AND _chsync_b != 0, _chsync_there_c, _chsync_here_c))) AS _chsync_more",
};

/**
 * What is left of the signs must agree; else so many rows of one sign are short that it would. Without a version it is
 * the sign of their sum: of two cancel rows here, where nothing is left there, two states are short, though one sign
 * alone tells the sites apart. A sign is only copied where the active site has visibly more rows of it; what is left of
 * the difference may be a pair that one site has merged away, or rows that only this site got: that cannot be known.
 */
function collapsed(versioned: boolean): Verdicts {
  const sides = ["p", "n"].flatMap((sign) =>
    ([1, 0] as const).map((there) =>
      `sumIf(_chsync_${sign}, _chsync_there = ${there}) AS _chsync_${there ? "there" : "here"}_${sign}`
    )
  );
  const net = (side: string) => netOf(`_chsync_${side}_p`, `_chsync_${side}_n`, versioned);
  return {
    sides:
      `${sides.join(", ")}, anyIf(_chsync_state, _chsync_there = 1 AND _chsync_p > 0) AS _chsync_state, ` +
      `anyIf(_chsync_cancel, _chsync_there = 1 AND _chsync_n > 0) AS _chsync_cancel`,
    verdicts: `if(_chsync_young = 1 OR ${net("there")} = ${net("here")}, 0, ` +
      `${net("there")} - (_chsync_here_p - _chsync_here_n)) AS _chsync_d, ` +
      `least(greatest(_chsync_d, 0), greatest(_chsync_there_p - _chsync_here_p, 0)) AS _chsync_plus, ` +
      `least(greatest(-_chsync_d, 0), greatest(_chsync_there_n - _chsync_here_n, 0)) AS _chsync_minus, ` +
      `abs(_chsync_d) - _chsync_plus - _chsync_minus AS _chsync_doubt, 0 AS _chsync_conflict, 0 AS _chsync_more`,
  };
}

/** The rows that are missing, as the active site holds them, for an INSERT: the list of columns is the copy's. */
export function missingMergedRows(request: MergedPairRequest, remote: RemoteAccess): string {
  const { pair: { here, there } } = request;
  const columns = copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ");
  const { k, l } = keyHashes(here);
  const from = `FROM ${remoteTable(remote, there)} WHERE ${inKeyBuckets({ ...request, table: here })}`;
  const found = differences(request, remote);
  if (here.mergeRule.kind === "coalesce") {
    // What is copied is what the rows of a key come down to: a NULL in it takes no value away here.
    const values = copiedColumns(here.columns);
    return `SELECT ${values.map((_, index) => `_chsync_${index}`).join(", ")} FROM (SELECT ${
      lastValues(values).join(", ")
    } ${from} AND (${k}, ${l}) GLOBAL IN (SELECT _chsync_k, _chsync_l FROM (${found}) WHERE _chsync_missing) ` +
      `GROUP BY ${k}, ${l})`;
  }
  if (here.mergeRule.kind !== "collapse") {
    const { city, xxh } = rowHashes(here.columns);
    // GLOBAL: without it the subquery would run at the remote site and find other rows there (trap 3).
    return `SELECT ${columns} ${from} AND (${k}, ${l}, ${city}, ${xxh}) GLOBAL IN (SELECT _chsync_k, _chsync_l, ` +
      `tupleElement(_chsync_there_w, 1), tupleElement(_chsync_there_w, 2) FROM (${found}) WHERE _chsync_missing) ` +
      `LIMIT 1 BY ${k}, ${l}`;
  }
  const sign = `toInt8(${identifier(here.mergeRule.sign)})`;
  const needed = `SELECT _chsync_k, _chsync_l, tupleElement(_chsync_pair, 1) AS _chsync_sign, ` +
    `range(toUInt64(tupleElement(_chsync_pair, 2))) AS _chsync_times FROM (` +
    `SELECT _chsync_k, _chsync_l, arrayJoin([(toInt8(1), _chsync_plus), (toInt8(-1), _chsync_minus)]) AS _chsync_pair ` +
    `FROM (${found})) WHERE tupleElement(_chsync_pair, 2) > 0`;
  return `SELECT ${columns} FROM (SELECT ${columns}, ${k} AS _chsync_k, ${l} AS _chsync_l, ${sign} AS _chsync_sign ` +
    `${from} AND (${k}, ${l}, ${sign}) GLOBAL IN (SELECT _chsync_k, _chsync_l, _chsync_sign FROM (${needed})) ` +
    `LIMIT 1 BY _chsync_k, _chsync_l, _chsync_sign) AS _chsync_one ` +
    `INNER JOIN (${needed}) AS _chsync_need USING (_chsync_k, _chsync_l, _chsync_sign) ARRAY JOIN _chsync_times`;
}

export interface MergedDifferenceRow {
  readonly _chsync_rows: string;
  readonly _chsync_city: string;
  readonly _chsync_xxh: string;
  readonly _chsync_conflicts: string;
  readonly _chsync_unknown: string;
  readonly _chsync_surplus: string;
  readonly _chsync_unsettled: string;
}

export function decodeMergedDifference(row: MergedDifferenceRow): MergedDifference {
  return {
    missing: { rows: BigInt(row._chsync_rows), city: BigInt(row._chsync_city), xxh: BigInt(row._chsync_xxh) },
    conflicts: BigInt(row._chsync_conflicts),
    unknown: BigInt(row._chsync_unknown),
    surplus: BigInt(row._chsync_surplus),
    unsettled: BigInt(row._chsync_unsettled),
  };
}
