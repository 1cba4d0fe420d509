/** The statements that read some of the rows in which the sites differ, with their values: for eyes, never for a proof. */
import type { SampleSide, ShownValue } from "../../model/sample.ts";
import type { Column } from "../../model/table.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { listed, sql } from "../sql/layout.ts";
import { identifier } from "../sql/quoting.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { eventKey } from "../sql/rows_in_scope.ts";
import { around, byColumns, type NearRequest, type NearRow } from "./near_rows.ts";
import { compared, type DifferenceRequest, withShortfall } from "./row_difference.ts";

/** Bytes of a value that are shown. */
export const SHOWN_BYTES = 200;

/** Rows of the other site of one event: enough to find the nearest among them. */
const OF_ONE_EVENT = 50;

export interface DifferingRow {
  readonly _chsync_city: string;
  readonly _chsync_times_active: string;
  readonly _chsync_times_here: string;
}

export interface ShownRow extends NearRow {
  readonly _chsync_event: string;
  readonly _chsync_texts: readonly (string | null)[];
  readonly _chsync_bytes: readonly string[];
}

export type EventRow = NearRow & Pick<ShownRow, "_chsync_event">;

/** Hashes of rows that one side has more often than the other. */
export function differingRowsStatement(
  request: DifferenceRequest,
  side: SampleSide,
  most: number,
  remote: RemoteAccess,
): string {
  return sql`
    WITH
      ${withShortfall(request, remote)}
    SELECT
      _chsync_city,
      _chsync_here AS _chsync_times_here,
      _chsync_here + _chsync_missing - _chsync_surplus AS _chsync_times_active
    FROM _chsync_shortfall
    WHERE ${side === "missing" ? "_chsync_missing" : "_chsync_surplus"} > 0
    ORDER BY _chsync_city
    LIMIT ${most}
  `;
}

/** @param hashes of the rows; `any`: so many of any, as the other site has none of them */
export function shownRowsStatement(
  request: DifferenceRequest,
  from: string,
  hashes: readonly string[] | { readonly any: number },
): string {
  const { pair: { here: { columns } }, scope } = request;
  const some = "any" in hashes ? null : `AND _chsync_city IN (${hashes.map(BigInt).join(", ")})`;
  const stored = copiedColumns(columns);
  const texts = stored.map((column) =>
    `_CAST(toValidUTF8(substring(${valueText(column)}, 1, ${SHOWN_BYTES})), 'Nullable(String)')`
  );
  const bytes = stored.map((column) => `length(ifNull(${valueText(column)}, ''))`);
  return sql`
    SELECT
      ${
    listed([
      ...byColumns(columns, scope),
      `${eventKey(columns, scope.axis)} AS _chsync_event`,
      `[${texts.join(", ")}] AS _chsync_texts`,
      `[${bytes.join(", ")}] AS _chsync_bytes`,
    ])
  }
    FROM ${from}
    WHERE ${compared(request)}
      ${some}
    ${"any" in hashes ? `LIMIT ${hashes.any}` : "LIMIT 1 BY _chsync_city"}
  `;
}

/** Rows of the other site of the same events. */
export function sameEventStatement(request: NearRequest, rows: readonly EventRow[], from: string): string {
  const { pair: { here: { columns } }, scope } = request;
  const events = new Set(rows.map(({ _chsync_event }) => BigInt(_chsync_event)));
  return sql`
    SELECT
      ${listed([...byColumns(columns, scope), `${eventKey(columns, scope.axis)} AS _chsync_event`])}
    FROM ${from}
    WHERE ${compared(around(request))}
      AND _chsync_event IN (${[...events].join(", ")})
    LIMIT ${OF_ONE_EVENT} BY _chsync_event
  `;
}

/** SQL of the table of the site that has the rows of this side, and of the other one. */
export function tablesOf(
  { pair: { here, there } }: DifferenceRequest,
  side: SampleSide,
  remote: RemoteAccess,
) {
  const [active, passive] = [remoteTable(remote, there), ownTable(remote, here)];
  return side === "missing" ? { own: active, other: passive } : { own: passive, other: active };
}

export function shownValues(row: Pick<ShownRow, "_chsync_texts" | "_chsync_bytes">): ShownValue[] {
  return row._chsync_texts.map((text, at) => ({ text, bytes: Number(row._chsync_bytes[at] ?? 0) }));
}

/** SQL of a text that an operator can read. */
function valueText({ name, type }: Column): string {
  if (/^AggregateFunction\(/.test(type)) return `hex(${identifier(name)})`;
  // States within arrays and the like have no text.
  if (/\bAggregateFunction\(/.test(type)) return "'(states)'";
  return `toString(${identifier(name)})`;
}
