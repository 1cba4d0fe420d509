/** What is measured of checks as something grows, and how it is drawn. */
import { type Line, plot } from "./plot.ts";

export interface Point {
  /** How much there is of what grows. */
  readonly x: number;
  readonly seconds: number;
  /** What the statements of both sites and the process took of the cores, the measuring included. */
  readonly cpuSeconds: number;
  /** The most memory of the process that checks, that of the measuring included. */
  readonly megabytes: number;
  /** Statements to this site, and to the other one. */
  readonly here: number;
  readonly there: number;
  /** Over the connections to the other site, and between the servers. */
  readonly kilobytes: number;
}

export interface MeasuredSeries {
  /** Threads that ran or waited for a core, whosever they were. */
  readonly load: readonly [before: number, after: number];
  readonly points: readonly Point[];
}

export interface Measured {
  /** Of the machine, which has both sites. */
  readonly cores: number;
  readonly clickhouse: string;
  /** By what grows. */
  readonly series: Readonly<Record<keyof typeof SERIES, MeasuredSeries>>;
}

/** What grows: the title of its plot, and its unit. */
export const SERIES = {
  partitions: ["Proven partitions of one table that has to be looked into", "partitions"],
  tables: ["A quiet check of tables of 10 partitions", "tables"],
  gaps: ["Tables of 24,000 rows, each with a gap of two hours", "tables with a gap"],
  rows: ["The first check of one table, both sites equal", "rows"],
  latency: ["4 tables with a gap, far away", "milliseconds between the sites, there and back"],
} as const;

/** The plots, by the names of their files. */
export function plots({ series }: Measured): Map<string, string> {
  return new Map(
    (Object.entries(SERIES) as [keyof typeof SERIES, readonly [string, string]][]).map(
      ([name, [title, unit]]) => {
        const { points } = series[name];
        const line = (name: string, value: (point: Point) => number): Line => ({
          name,
          points: points.map((point) => [point.x, value(point)]),
        });
        const lines = [
          line("seconds", ({ seconds }) => seconds),
          line("CPU seconds in all", ({ cpuSeconds }) => cpuSeconds),
          line("megabytes of memory", ({ megabytes }) => megabytes),
          line("statements, both sites", ({ here, there }) => here + there),
          line("kilobytes on the link", ({ kilobytes }) => kilobytes),
        ];
        return [`scaling-${name}.svg`, plot(title, unit, lines)];
      },
    ),
  );
}
