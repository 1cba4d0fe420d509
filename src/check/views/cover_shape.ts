/**
 * Targets of views that group of which nothing but keys, lowest and highest values are kept: rows of the active site may be added to
 * them any number of times, and show none but what was lacking. Over several shards they need no rows of their source for that.
 */
import type { ViewColumn } from "../../model/derived_view.ts";
import type { TimeAxis } from "../../model/scope.ts";
import type { Column, TablePair } from "../../model/table.ts";
import { findTimeAxis, isGiven, timeUnit } from "../tables/time_axis.ts";
import { type FedBy, targetShape, type Upstream, viewsInto } from "./target_shape.ts";

export interface CoverShape {
  readonly columns: readonly ViewColumn[];
  /** The latest time of the rows that a row stands for: once that is settled, all of them are. */
  readonly axis: TimeAxis;
}

/** How such a target is compared; or in words why it is none. */
export function coverShape(pair: TablePair, upstream: Upstream): CoverShape | string {
  const { name, here, groups } = pair;
  // What a TTL takes of a key with whole rows, other rows of it bring again: to have them twice does no harm.
  const { method, doubt, columns } = targetShape({ ...pair, deletes: [] }, upstream);
  if (doubt !== null) return doubt;
  const together = `views put rows of ${name} together`;
  if (method !== "groups" || groups.length > 0) return together;
  const apart = here.columns.find(({ ignored, expiry }) => ignored || expiry.rules.length > 0);
  if (apart) {
    return `${together}, and ${apart.name} ${
      apart.ignored ? "is left out (IGNORE_COLUMNS)" : "has a TTL of its own"
    }`;
  }
  const other = here.columns.find((column) =>
    isGiven(column) && !isCovering(column, columns.find((given) => given.name === column.name))
  );
  if (other) {
    return `${together}, and ${other.name} is neither what they group by nor the lowest or highest (min, max) of numbers, times or texts`;
  }
  const fedBy = viewsInto(name, upstream);
  const again = fedBy.find(({ source }) =>
    viewsInto(source, upstream).some(({ kind }) => kind.kind !== "rows")
  );
  if (again) return `${together}, and those of ${again.source}, from which they make them`;
  // A row that keeps nothing but the lowest time is of that time, whatever it stands for.
  const values = columns.filter(({ role }) => role !== "key");
  const [only] = values.length === 1 ? values : [];
  const latest = here.columns.find((column) =>
    fedBy.every((fed) => isTimeOf(column, fed, upstream, column.name === only?.name))
  );
  const unit = latest && timeUnit(latest.type);
  if (!unit) {
    return `${together}, and none of its columns tells the latest time (max) of the rows that they put together`;
  }
  return { columns, axis: { column: latest.name, unit } };
}

/** Types of which the order is that of `min` and `max`, and every value a point in it. */
const ORDERED = /^(?:U?Int\d+|Date|Date32|DateTime(?:64)?(?:\(.*\))?|Decimal(?:\d*\(.*\))?|String)$/;

function isCovering({ type }: Column, given: ViewColumn | undefined): boolean {
  if (given === undefined) return false;
  if (given.role === "key") return true;
  return typeof given.role !== "string" && /^(?:min|max)$/.test(given.role.aggregate) && ORDERED.test(type);
}

/** Whether a column holds the time by which the rows of the source settle, or the highest of them. @param lowest it may be that */
function isTimeOf(
  { name, type }: Column,
  { source, kind }: FedBy,
  { tables, timeColumns }: Upstream,
  lowest: boolean,
): boolean {
  const from = tables.get(source);
  const axis = from && findTimeAxis(from, timeColumns);
  if (!axis || kind.kind !== "groups") return false;
  const given = kind.columns.find((column) => column.name === name);
  const aggregate = typeof given?.role === "object" ? given.role.aggregate : "";
  const tells = given?.role === "key" || aggregate === "max" || (lowest && aggregate === "min");
  return given?.of === axis.column && tells && timeUnit(type) === axis.unit;
}
