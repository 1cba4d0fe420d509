/**
 * AggregatingMergeTree of functions that are not changed by what they have had before: a minimum, a set, the row of the
 * latest time. What the active site holds of a key can be added to what is here, whatever of it is here already.
 */
import { hashable } from "./hashable.ts";
import type { Column, Table } from "../../model/table.ts";
import { aggregateOf, inOrder, stateBeside } from "../sql/aggregate_type.ts";
import { comparedColumns, copiedColumns } from "../sql/canonical_row.ts";
import { listed, sql } from "../sql/layout.ts";
import { identifier, literal } from "../sql/quoting.ts";
import { remoteTable } from "../sql/remote_table.ts";
import { copyHash, unsettled } from "../sql/rows_in_scope.ts";
import { anyOf, mergedState } from "./aggregating.ts";
import {
  inKeyBuckets,
  KEY,
  type MergingEngine,
  namedKey,
  ofMissingKeys,
  sortingKeyHashes,
} from "./merging_engine.ts";

/** Names without their combinators. `any` and the like: of the same value. */
const AGAIN =
  /^(?:min|max|argMin|argMax|(?:any|anyLast|first_value|last_value)(?:_respect_nulls)?|groupBit(?:And|Or)|groupUniqArray|groupBitmap|uniq(?:Exact|Combined|Combined64|HLL12|Theta)?)(?:If|Array|Map|OrNull|OrDefault)*$/;

/** Whether rows of such columns may be added again. Rows that pass through views are counted there. */
export function mayAddAgain({ columns, feeds }: Pick<Table, "columns" | "feeds">): boolean {
  return feeds.length === 0 && valuesOf(columns).every((column) => {
    const aggregate = aggregateOf(column);
    if (aggregate === null) return !column.type.includes("AggregateFunction(");
    const { name, parameters } = aggregate;
    return AGAIN.test(name) && (parameters === "" || name.startsWith("uniq"));
  });
}

function valuesOf(columns: readonly Column[]): Column[] {
  return comparedColumns(columns).filter(({ inSortingKey }) => !inSortingKey);
}

/** A column of a table as it is put together: within a site to a state, and across the sites to a value. */
interface Put {
  /** SQL over the rows of a key at one site. */
  readonly state: string;
  /** Of the same, only the rows for which a condition holds, of both sites. */
  readonly stateIf: (state: string, condition: string) => string;
  /** SQL of what several states come down to, in the order in which they came. */
  readonly value: (states: readonly string[]) => string;
}

function put(column: Column): Put {
  const { name, type } = column;
  const aggregate = aggregateOf(column);
  const text = (value: string) => hashable(column, value);
  if (aggregate === null) {
    // Of several values any may stay.
    return {
      state: anyOf(column).value,
      stateIf: (state, condition) => `anyIf(${state}, ${condition})`,
      value: ([first]) => first!,
    };
  }
  const { name: fold, parameters } = aggregate;
  const states = type.startsWith("AggregateFunction(");
  const reduce = `${fold}${states ? "Merge" : ""}${parameters}`;
  const merged = (all: readonly string[]) =>
    `arrayReduce(${literal(`${fold}MergeState${parameters}`)}, [${all.join(", ")}])`;
  const beside = (all: readonly string[]) => states ? stateBeside(column, merged(all)) : null;
  return {
    state: states
      ? `${fold}MergeState${parameters}(${identifier(name)})`
      : `${fold}${parameters}(${identifier(name)})`,
    stateIf: (state, condition) =>
      states ? `${fold}MergeStateIf${parameters}(${state}, ${condition})` : `anyIf(${state}, ${condition})`,
    value: (all) => {
      const value = text(inOrder(fold, `arrayReduce(${literal(reduce)}, [${all.join(", ")}])`));
      const more = beside(all);
      return more === null ? value : `tuple(${value}, ${more})`;
    },
  };
}

/** @param table whose rows may be added again */
export function addingAgain(columns: readonly Column[]): MergingEngine {
  const puts = valuesOf(columns).map(put);
  const came = (which: string) => (_: Put, at: number) => `_chsync_state${at}_${which}`;
  /** A hash of what the states of some sites come down to, in this order. */
  const hash = (...sites: readonly string[]) => {
    const values = puts.map((one, at) => one.value(sites.map((site) => came(site)(one, at))));
    return `cityHash64(tuple(${["0", ...values].join(", ")}))`;
  };
  const settled = "_chsync_unsettled = 0 AND";
  const onBoth = "_chsync_is_there AND _chsync_is_here";
  return {
    keyHashes: sortingKeyHashes,
    mergedRows(request, from) {
      const key = sortingKeyHashes(request.table);
      const whole = `tuple(${["0", ...valuesOf(request.table.columns).map(mergedValue)].join(", ")})`;
      return sql`
        SELECT
          ${namedKey(key)},
          tuple(
            cityHash64(tuple(_chsync_key_city, ${whole})),
            xxh3(tuple(_chsync_key_xxh, ${whole}))
          ) AS _chsync_merged,
          max(${unsettled(request.scope)}) AS _chsync_young,
          ${
        listed([
          "count() AS _chsync_stored",
          `sum(${copyHash(request.table.columns)}) AS _chsync_stored_hash`,
          ...puts.map(({ state }, at) => `${state} AS _chsync_state${at}`),
        ])
      }
        FROM ${from}
        WHERE ${inKeyBuckets(request, key)}
        GROUP BY ${KEY}
      `;
    },
    missing: {
      mended: null,
      sides: [
        ...["stored", "stored_hash"].map((name) =>
          `sumIf(_chsync_${name}, _chsync_active = 1) AS _chsync_${name}_there`
        ),
        ...puts.flatMap(({ stateIf }, at) =>
          ["here", "there"].map((site, active) =>
            `${stateIf(`_chsync_state${at}`, `_chsync_active = ${active}`)} AS _chsync_state${at}_${site}`
          )
        ),
      ],
      // If it matters which of the two comes first, nobody knows what a merge would make of them.
      verdicts: [
        `${hash("there", "here")} AS _chsync_united`,
        `${settled} ${onBoth} AND _chsync_united != ${hash("here", "there")} AS _chsync_conflict`,
        `${settled} _chsync_is_there AND NOT _chsync_conflict AND ` +
        `(NOT _chsync_is_here OR _chsync_united != ${hash("here")}) AS _chsync_lacking`,
        "if(_chsync_lacking, _chsync_stored_there, 0) AS _chsync_missing",
        "if(_chsync_lacking, _chsync_stored_hash_there, 0) AS _chsync_missing_city",
        // A copy is proven by one hash.
        "0 AS _chsync_missing_xxh",
        "0 AS _chsync_unknown",
        `${settled} NOT _chsync_conflict AND ` +
        `(NOT _chsync_is_there OR (_chsync_is_here AND _chsync_united != ${
          hash("there")
        })) AS _chsync_surplus`,
      ],
      /** Rows as they are stored: states that are put together anew need not have the same bytes. */
      select(request, remote, differences) {
        const { here, there } = request.pair;
        const key = sortingKeyHashes(here);
        return sql`
          SELECT ${copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ")}
          FROM ${remoteTable(remote, there)}
          WHERE ${ofMissingKeys(request, key, differences)}
        `;
      },
    },
  };
}

function mergedValue(column: Column): string {
  const { value } = mergedState(column);
  return hashable(column, value);
}
