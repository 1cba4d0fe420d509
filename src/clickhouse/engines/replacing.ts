/** ReplacingMergeTree: of the rows of a key the one of the highest version stays; of several such the one inserted last. */
import { unquote } from "../../text/quoted.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { sql } from "../sql/layout.ts";
import { identifier } from "../sql/quoting.ts";
import { remoteTable } from "../sql/remote_table.ts";
import { rowHashes, ticks, unsettled } from "../sql/rows_in_scope.ts";
import {
  inKeyBuckets,
  INSERTED,
  KEY,
  type MergingEngine,
  type MissingRows,
  namedKey,
  type ParseEngine,
  type RuleOf,
  sortingKeyHashes,
} from "./merging_engine.ts";

/** A second argument, is_deleted, marks rows that FINAL hides: content like any other. */
export const parseReplacing: ParseEngine<"replace"> = (name, [version]) =>
  name === "ReplacingMergeTree"
    ? { kind: "replace", version: version === undefined ? null : unquote(version) }
    : null;

export function replacing({ version }: RuleOf<"replace">): MergingEngine {
  const value = version === null ? "toUInt8(0)" : identifier(version);
  return {
    keyHashes: sortingKeyHashes,
    mergedRows(request, from) {
      const key = sortingKeyHashes(request.table);
      const { city, xxh } = rowHashes(request.table.columns);
      const young = unsettled(request.scope);
      const { axis } = request.scope;
      const time = axis === null ? "toInt64(0)" : `ifNull(${ticks(axis)}, 0)`;
      return sql`
        SELECT
          ${namedKey(key)},
          max(${value}) AS _chsync_version,
          argMax(tuple(${city}, ${xxh}), tuple(${value}, ${INSERTED})) AS _chsync_merged,
          max(${young}) AS _chsync_young,
          countIf(${young} = 0) > 0 AS _chsync_has_settled,
          maxIf(${value}, ${young} = 0) AS _chsync_settled_version,
          argMaxIf(tuple(${city}, ${xxh}), tuple(${value}, ${INSERTED}), ${young} = 0) AS _chsync_settled_row,
          argMaxIf(${time}, tuple(${value}, ${INSERTED}), ${young} = 0) AS _chsync_settled_time
        FROM ${from}
        WHERE ${inKeyBuckets(request, key)}
        GROUP BY ${KEY}
      `;
    },
    missing: MISSING,
  };
}

/**
 * The highest version wins. Two rows of the same version with other content are a conflict: nothing tells which of them
 * the writer meant. Of a key that was written within the settle window what it came to before that is missing, where nothing here
 * is as new; and a conflict, where this site holds another row of that version: but for one that is younger, which a merge at the active
 * site may have taken together with what was written since.
 */
const MISSING: MissingRows = {
  mended: null,
  sides: [
    "maxIf(_chsync_version, _chsync_active = 1) AS _chsync_version_there",
    "maxIf(_chsync_version, _chsync_active = 0) AS _chsync_version_here",
    "anyIf(_chsync_merged, _chsync_active = 1) AS _chsync_winner_there",
    "maxIf(_chsync_has_settled, _chsync_active = 1) AS _chsync_has_settled_there",
    "anyIf(_chsync_settled_version, _chsync_active = 1) AS _chsync_settled_version_there",
    "anyIf(_chsync_settled_row, _chsync_active = 1) AS _chsync_settled_there",
    "anyIf(_chsync_merged, _chsync_active = 0) AS _chsync_row_here",
    "maxIf(_chsync_young, _chsync_active = 0) AS _chsync_young_here",
    "anyIf(_chsync_settled_time, _chsync_active = 1) AS _chsync_settled_time_there",
    "anyIf(_chsync_settled_time, _chsync_active = 0) AS _chsync_settled_time_here",
  ],
  verdicts: [
    "_chsync_unsettled = 1 AND _chsync_has_settled_there = 1 AND " +
    "(NOT _chsync_is_here OR _chsync_version_here < _chsync_settled_version_there) AS _chsync_older_missing",
    "if(_chsync_unsettled = 1, _chsync_settled_there, _chsync_winner_there) AS _chsync_row_there",
    "_chsync_older_missing OR (_chsync_unsettled = 0 AND _chsync_is_there AND " +
    "(NOT _chsync_is_here OR _chsync_version_here < _chsync_version_there)) AS _chsync_missing",
    "if(_chsync_missing, tupleElement(_chsync_row_there, 1), 0) AS _chsync_missing_city",
    "if(_chsync_missing, tupleElement(_chsync_row_there, 2), 0) AS _chsync_missing_xxh",
    "(_chsync_unsettled = 0 AND _chsync_is_there AND _chsync_is_here AND " +
    "_chsync_version_here = _chsync_version_there AND _chsync_row_here != _chsync_row_there) OR " +
    "(_chsync_unsettled = 1 AND _chsync_has_settled_there = 1 AND _chsync_is_here AND _chsync_young_here = 0 AND " +
    "_chsync_version_here = _chsync_settled_version_there AND _chsync_row_here != _chsync_settled_there AND " +
    "_chsync_settled_time_here <= _chsync_settled_time_there) AS _chsync_conflict",
    "0 AS _chsync_unknown",
    "_chsync_unsettled = 0 AND " +
    "(NOT _chsync_is_there OR (_chsync_is_here AND _chsync_version_here > _chsync_version_there)) AS _chsync_surplus",
  ],
  select(request, remote, differences) {
    const { here, there } = request.pair;
    const key = sortingKeyHashes(here);
    const { city, xxh } = rowHashes(here.columns);
    // GLOBAL: without it the subquery would run at the remote site and find other rows there.
    return sql`
      SELECT ${copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ")}
      FROM ${remoteTable(remote, there)}
      WHERE ${inKeyBuckets(request, key)}
        AND (${key.city}, ${key.xxh}, ${city}, ${xxh}) GLOBAL IN (
          WITH
            ${differences}
          SELECT ${KEY}, tupleElement(_chsync_row_there, 1), tupleElement(_chsync_row_there, 2)
          FROM _chsync_differences
          WHERE _chsync_missing
        )
      LIMIT 1 BY ${key.city}, ${key.xxh}
    `;
  },
};
