/** Reading some of the rows in which the sites differ: each statement asks about what the one before found. */
import { type HashedRow, pickTwins } from "../../check/sample/pick_twin.ts";
import type { SampleRequest } from "../../check/ports/readable_site.ts";
import type { SampledOf } from "../../check/ports/writable_site.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { decoded } from "../http/decode.ts";
import { comparedColumns } from "../sql/canonical_row.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { around, commonStatement, type NearRow, nearRowsStatement } from "./near_rows.ts";
import {
  type DifferingRow,
  differingRowsStatement,
  type EventRow,
  sameEventStatement,
  type ShownRow,
  shownRowsStatement,
  shownValues,
  tablesOf,
} from "./sample_rows.ts";

/** @param options for statements that read the remote site */
export async function readSample(
  connection: Connection,
  { side, place, pair, most, without }: SampleRequest,
  remote: RemoteAccess,
  options: StatementOptions,
): Promise<SampledOf[]> {
  const { partitionId, scope, bucketing, buckets, alone } = place;
  const request = { pair, partitionIds: [partitionId], scope, bucketing, buckets };
  const { own, other } = tablesOf(request, side, remote);
  const rows = <Row extends object>(statement: string) => connection.rows<Row>(statement, options);
  const plain = (row: ShownRow) => ({ partitionId, values: shownValues(row), hash: row._chsync_city });
  if (alone) {
    const any = await rows<ShownRow>(shownRowsStatement({ ...request, buckets: "all" }, own, { any: most }));
    return decoded(
      connection.site,
      () => any.map((row) => ({ ...plain(row), times: null, twin: null, twinHash: null })),
    );
  }
  const differing =
    (await rows<DifferingRow>(differingRowsStatement(request, side, most + without.size, remote)))
      .filter(({ _chsync_city }) => !without.has(_chsync_city)).slice(0, most);
  if (differing.length === 0) return [];
  const shown = await rows<ShownRow>(
    shownRowsStatement(request, own, differing.map(({ _chsync_city }) => _chsync_city)),
  );
  if (shown.length === 0) return [];
  const sameEvent = await rows<EventRow>(sameEventStatement(request, shown, other));
  const near = await rows<NearRow>(nearRowsStatement(request, shown, other));
  const events = new Map(sameEvent.map((row) => [row._chsync_city, row._chsync_event]));
  const candidates = [...new Map([...near, ...sameEvent].map((row) => [row._chsync_city, row])).values()];
  const both = candidates.length === 0
    ? []
    : await rows<Pick<NearRow, "_chsync_city">>(commonStatement(request, candidates, own));
  const atBoth = new Set(both.map(({ _chsync_city }) => _chsync_city));
  const hashed = (row: NearRow, event: string): HashedRow => ({
    hash: row._chsync_city,
    event,
    columns: row._chsync_columns,
  });
  const others = candidates.map((row) => hashed(row, events.get(row._chsync_city) ?? ""));
  const twins = pickTwins(shown.map((row) => hashed(row, row._chsync_event)), others, atBoth);
  const wanted = [...new Set([...twins.values()].map(({ hash }) => hash))];
  const twinRows = wanted.length === 0
    ? []
    : await rows<ShownRow>(shownRowsStatement(around(request), other, wanted));
  return decoded(connection.site, () => {
    const valuesBy = new Map(twinRows.map((row) => [row._chsync_city, shownValues(row)]));
    const timesBy = new Map(differing.map((row) => [row._chsync_city, {
      active: BigInt(row._chsync_times_active),
      here: BigInt(row._chsync_times_here),
    }]));
    const names = comparedColumns(pair.here.columns).map(({ name }) => name);
    return shown.map((row) => {
      const picked = twins.get(row._chsync_city) ?? null;
      const values = picked && valuesBy.get(picked.hash);
      const twin = picked && values
        ? {
          sameKey: picked.sameKey,
          atBoth: picked.atBoth,
          differing: picked.differing.map((at) => names[at]!),
          values,
        }
        : null;
      const twinHash = twin ? picked!.hash : null;
      return { ...plain(row), times: timesBy.get(row._chsync_city) ?? null, twin, twinHash };
    });
  });
}
