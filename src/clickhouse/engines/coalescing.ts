/** CoalescingMergeTree: of the rows of a key each column keeps the value inserted last that is not NULL. */
import type { Column } from "../../model/table.ts";
import {
  canonicalColumn,
  comparedColumns,
  copiedColumns,
  hashedRow,
  type RowHash,
} from "../sql/canonical_row.ts";
import { listed, sql } from "../sql/layout.ts";
import { identifier } from "../sql/quoting.ts";
import { remoteTable } from "../sql/remote_table.ts";
import { unsettled } from "../sql/rows_in_scope.ts";
import {
  inKeyBuckets,
  INSERTED,
  KEY,
  type MergingEngine,
  type MissingRows,
  namedKey,
  ofMissingKeys,
  type ParseEngine,
  sortingKeyHashes,
} from "./merging_engine.ts";

/** Columns named in brackets are the only ones to be put together: that is not known here. */
export const parseCoalescing: ParseEngine<"coalesce"> = (name, args) =>
  name === "CoalescingMergeTree" && args.length === 0 ? { kind: "coalesce" } : null;

export function coalescing(): MergingEngine {
  return {
    keyHashes: sortingKeyHashes,
    /**
     * With a hash of each column that is in no key, 0 for NULL: `_chsync_values`; and of what it came to before the settle window, 0 where
     * it had no value: `_chsync_olders`.
     */
    mergedRows(request, from) {
      const columns = comparedColumns(request.table.columns);
      const key = sortingKeyHashes(request.table);
      const row = (hash: RowHash) => hashedRow(columns, hash, (_, index) => last(index));
      const young = unsettled(request.scope);
      const values = columns.flatMap((column, index) =>
        column.inSortingKey ? [] : [hashUnless(`isNull(${last(index)})`, column, last(index))]
      );
      const olders = columns.flatMap((column, index) =>
        column.inSortingKey ? [] : [hashUnless(`${held(index)} = 0`, column, older(index))]
      );
      const before = columns.flatMap(({ name, inSortingKey }, index) =>
        inSortingKey ? [] : [
          `argMaxIf(${identifier(name)}, tuple(${INSERTED}), ${young} = 0) AS ${older(index)}`,
          `countIf(${young} = 0 AND isNotNull(${identifier(name)})) AS ${held(index)}`,
        ]
      );
      return sql`
        SELECT
          ${KEY},
          _chsync_young,
          [${values.join(", ")}] AS _chsync_values,
          [${olders.join(", ")}] AS _chsync_olders,
          tuple(${row("cityHash64")}, ${row("xxh3")}) AS _chsync_merged
        FROM (
          SELECT
            ${namedKey(key)},
            max(${young}) AS _chsync_young,
            ${listed([...lastValues(columns), ...before])}
          FROM ${from}
          WHERE ${inKeyBuckets(request, key)}
          GROUP BY ${KEY}
        )
      `;
    },
    missing: MISSING,
  };
}

function last(index: number): string {
  return `_chsync_last${index}`;
}

function older(index: number): string {
  return `_chsync_older${index}`;
}

/** How many rows from before the settle window have a value. */
function held(index: number): string {
  return `_chsync_held${index}`;
}

/** SQL: the hash of a value; 0 under a condition. */
function hashUnless(condition: string, column: Column, value: string): string {
  return `if(${condition}, toUInt64(0), cityHash64(tuple(${canonicalColumn(column, value)})))`;
}

/** `argMax` passes over NULL. */
function lastValues(columns: readonly Column[]): string[] {
  return columns.map(({ name }, index) =>
    `argMax(${identifier(name)}, tuple(${INSERTED})) AS ${last(index)}`
  );
}

const some = (condition: string) =>
  `arrayExists((_chsync_value_there, _chsync_value_here) -> ${condition}, _chsync_values_there, _chsync_values_here)`;

/**
 * Whether a key that is written within the settle window lacks here what it had at the active site before: a column that is NULL here, or
 * one that neither site has written since and that differs.
 */
const LACKS_OLDER =
  "arrayExists((_chsync_value_there, _chsync_older_there, _chsync_value_here, _chsync_older_here) -> " +
  "_chsync_older_there != 0 AND (_chsync_value_here = 0 OR (_chsync_value_here != _chsync_value_there AND " +
  "_chsync_value_here = _chsync_older_here AND _chsync_value_there = _chsync_older_there)), " +
  "_chsync_values_there, _chsync_olders_there, _chsync_values_here, _chsync_olders_here)";

/**
 * A value is missing where this site has NULL; two values of which the later one is not known are a conflict. So is what a key lacks that
 * is being written: with it, values would be copied that may be older than those on their way.
 */
const MISSING: MissingRows = {
  mended: null,
  sides: [
    "anyIf(_chsync_merged, _chsync_active = 1) AS _chsync_row_there",
    "anyIf(_chsync_values, _chsync_active = 1) AS _chsync_values_there",
    "anyIf(_chsync_values, _chsync_active = 0) AS _chsync_values_here",
    "anyIf(_chsync_olders, _chsync_active = 1) AS _chsync_olders_there",
    "anyIf(_chsync_olders, _chsync_active = 0) AS _chsync_olders_here",
  ],
  verdicts: [
    "_chsync_is_there AND _chsync_is_here AND " +
    `if(_chsync_unsettled = 0, ${
      some(
        "_chsync_value_there != 0 AND _chsync_value_here != 0 AND _chsync_value_there != _chsync_value_here",
      )
    }, ${LACKS_OLDER}) AS _chsync_conflict`,
    "_chsync_unsettled = 0 AND _chsync_is_there AND NOT _chsync_conflict AND " +
    `(NOT _chsync_is_here OR ${
      some("_chsync_value_there != 0 AND _chsync_value_here = 0")
    }) AS _chsync_missing`,
    "if(_chsync_missing, tupleElement(_chsync_row_there, 1), 0) AS _chsync_missing_city",
    "if(_chsync_missing, tupleElement(_chsync_row_there, 2), 0) AS _chsync_missing_xxh",
    "0 AS _chsync_unknown",
    "_chsync_unsettled = 0 AND (NOT _chsync_is_there OR " +
    `(_chsync_is_here AND ${
      some("_chsync_value_there = 0 AND _chsync_value_here != 0")
    })) AS _chsync_surplus`,
  ],
  /** What is copied is what the rows of a key come down to: a NULL in it takes no value away here. */
  select(request, remote, differences) {
    const { here, there } = request.pair;
    const key = sortingKeyHashes(here);
    return sql`
      SELECT
        ${listed(lastValues(copiedColumns(here.columns)))}
      FROM ${remoteTable(remote, there)}
      WHERE ${ofMissingKeys(request, key, differences)}
      GROUP BY ${key.city}, ${key.xxh}
    `;
  },
};
