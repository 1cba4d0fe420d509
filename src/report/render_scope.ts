/** What a limited check looked at, in words. */
import type { CheckScope } from "../model/check_scope.ts";

export function renderScope({ tables, from, to, partitions, open, verify }: CheckScope): string {
  const within = [
    tables.length > 0 ? `tables ${tables.join(" ")}` : "all tables",
    ...partitions.length > 0 ? [`partitions ${partitions.join(" ")}`] : [],
    ...from !== null || to !== null ? [`partitions with rows ${span(from, to)}`] : [],
    ...open ? ["partitions that the last check left open"] : [],
  ];
  return `${within.join("; ")}${verify ? "; all of it read, whatever was proven before" : ""}`;
}

function span(from: number | null, to: number | null): string {
  if (from !== null && to !== null) return `from ${time(from)} to before ${time(to)}`;
  return from !== null ? `from ${time(from)} on` : `from before ${time(to ?? 0)}`;
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
