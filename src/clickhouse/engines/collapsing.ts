/**
 * CollapsingMergeTree and VersionedCollapsingMergeTree: states (sign 1) and cancel rows (sign -1) take each other out.
 *
 * FINAL is of no use here: it hides single cancel rows.
 */
import type { Table } from "../../model/table.ts";
import { unquote } from "../../text/quoted.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { sql } from "../sql/layout.ts";
import { identifier } from "../sql/quoting.ts";
import { remoteTable } from "../sql/remote_table.ts";
import { type RowHashes, rowHashes, unsettled } from "../sql/rows_in_scope.ts";
import {
  inKeyBuckets,
  KEY,
  type MergingEngine,
  type MissingRows,
  namedKey,
  type ParseEngine,
  type RuleOf,
} from "./merging_engine.ts";

export const parseCollapsing: ParseEngine<"collapse"> = (name, [sign]) =>
  /^(?:Versioned)?CollapsingMergeTree$/.test(name) && sign !== undefined
    ? { kind: "collapse", sign: unquote(sign), versioned: name.startsWith("Versioned") }
    : null;

export function collapsing(rule: RuleOf<"collapse">): MergingEngine {
  /** Rows are the same thing where all of them is the same but the sign. */
  const keyHashes = ({ columns }: Table): RowHashes =>
    rowHashes(columns.filter(({ name }) => name !== rule.sign));
  return {
    keyHashes,
    /**
     * How many rows of either sign there are of each content, with the hashes of such rows. A pair that was merged away,
     * or was not, makes no difference to what they come down to.
     */
    mergedRows(request, from) {
      const key = keyHashes(request.table);
      const { city, xxh } = rowHashes(request.table.columns);
      const sign = identifier(rule.sign);
      // A negative number becomes its complement: sums are modulo 2^64.
      return sql`
        SELECT
          ${namedKey(key)},
          toInt64(countIf(${sign} = 1)) AS _chsync_states,
          toInt64(countIf(${sign} = -1)) AS _chsync_cancels,
          anyIf(tuple(${city}, ${xxh}), ${sign} = 1) AS _chsync_state,
          anyIf(tuple(${city}, ${xxh}), ${sign} = -1) AS _chsync_cancel,
          max(${unsettled(request.scope)}) AS _chsync_young,
          toUInt64(${left("_chsync_states", "_chsync_cancels", rule)}) AS _chsync_left,
          tuple(_chsync_left * _chsync_key_city, _chsync_left * _chsync_key_xxh) AS _chsync_merged
        FROM ${from}
        WHERE ${inKeyBuckets(request, key)}
        GROUP BY ${KEY}
      `;
    },
    missing: missing(rule, keyHashes),
  };
}

/** How many rows are left of so many of the same content: of states if it is positive, else of cancel rows. */
function left(states: string, cancels: string, { versioned }: RuleOf<"collapse">): string {
  return versioned ? `(${states} - ${cancels})` : `toInt64(sign(${states} - ${cancels}))`;
}

/**
 * What is left must agree; else so many rows of one sign are short that it would. Without a version it is the sign of a
 * sum: of two cancel rows here, where nothing is left there, two states are short, though one sign alone tells the sites
 * apart. A sign is only copied where the active site has visibly more rows of it; what is short beyond that may be a
 * pair that one site has merged away, or rows that only this site got: that cannot be known.
 */
function missing(rule: RuleOf<"collapse">, keyHashes: MergingEngine["keyHashes"]): MissingRows {
  const hash = (element: 1 | 2) =>
    `toUInt64(_chsync_missing_states) * tupleElement(_chsync_state_there, ${element}) + ` +
    `toUInt64(_chsync_missing_cancels) * tupleElement(_chsync_cancel_there, ${element})`;
  // What is left here with the missing rows, less what is left without them; without a version it may be two for one sign.
  const before = left("_chsync_states_here", "_chsync_cancels_here", rule);
  const after = left(
    "(_chsync_states_here + _chsync_missing_states)",
    "(_chsync_cancels_here + _chsync_missing_cancels)",
    rule,
  );
  const change = (hash: string) => `toUInt64(${after} - ${before}) * ${hash}`;
  return {
    mended: [change("_chsync_key_city"), change("_chsync_key_xxh")],
    sides: [
      "sumIf(_chsync_states, _chsync_active = 1) AS _chsync_states_there",
      "sumIf(_chsync_states, _chsync_active = 0) AS _chsync_states_here",
      "sumIf(_chsync_cancels, _chsync_active = 1) AS _chsync_cancels_there",
      "sumIf(_chsync_cancels, _chsync_active = 0) AS _chsync_cancels_here",
      "anyIf(_chsync_state, _chsync_active = 1 AND _chsync_states > 0) AS _chsync_state_there",
      "anyIf(_chsync_cancel, _chsync_active = 1 AND _chsync_cancels > 0) AS _chsync_cancel_there",
    ],
    verdicts: [
      `${left("_chsync_states_there", "_chsync_cancels_there", rule)} AS _chsync_left_there`,
      `${left("_chsync_states_here", "_chsync_cancels_here", rule)} AS _chsync_left_here`,
      "if(_chsync_unsettled = 1 OR _chsync_left_there = _chsync_left_here, 0, " +
      "_chsync_left_there - (_chsync_states_here - _chsync_cancels_here)) AS _chsync_short",
      "least(greatest(_chsync_short, 0), " +
      "greatest(_chsync_states_there - _chsync_states_here, 0)) AS _chsync_missing_states",
      "least(greatest(-_chsync_short, 0), " +
      "greatest(_chsync_cancels_there - _chsync_cancels_here, 0)) AS _chsync_missing_cancels",
      "_chsync_missing_states + _chsync_missing_cancels AS _chsync_missing",
      `${hash(1)} AS _chsync_missing_city`,
      `${hash(2)} AS _chsync_missing_xxh`,
      "0 AS _chsync_conflict",
      "abs(_chsync_short) - _chsync_missing AS _chsync_unknown",
      "0 AS _chsync_surplus",
    ],
    /** One row of each sign that is short, as often as it is. */
    select(request, remote, differences) {
      const { here, there } = request.pair;
      const columns = copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ");
      const key = keyHashes(here);
      const sign = `toInt8(${identifier(rule.sign)})`;
      // GLOBAL: without it the subquery would run at the remote site and find other rows there.
      return sql`
        WITH
          ${differences},
          _chsync_signs AS (
            SELECT
              ${KEY},
              arrayJoin([(toInt8(1), _chsync_missing_states), (toInt8(-1), _chsync_missing_cancels)]) AS _chsync_rows
            FROM _chsync_differences
          ),
          _chsync_needed AS (
            SELECT
              ${KEY},
              tupleElement(_chsync_rows, 1) AS _chsync_sign,
              range(toUInt64(tupleElement(_chsync_rows, 2))) AS _chsync_times
            FROM _chsync_signs
            WHERE tupleElement(_chsync_rows, 2) > 0
          ),
          _chsync_one AS (
            SELECT
              ${columns},
              ${namedKey(key)},
              ${sign} AS _chsync_sign
            FROM ${remoteTable(remote, there)}
            WHERE ${inKeyBuckets(request, key)}
              AND (${key.city}, ${key.xxh}, ${sign}) GLOBAL IN (
                SELECT ${KEY}, _chsync_sign
                FROM _chsync_needed
              )
            LIMIT 1 BY ${KEY}, _chsync_sign
          ),
          _chsync_found AS (
            SELECT ${columns}, _chsync_times
            FROM _chsync_one
            INNER JOIN _chsync_needed USING (${KEY}, _chsync_sign)
          )
        SELECT ${columns}
        FROM _chsync_found
        ARRAY JOIN _chsync_times
      `;
    },
  };
}
