/** How benchmarks measure: what is compared runs in turn, in one run, and the median of the ratios counts. */

/** One line of the table. */
export interface Result {
  readonly name: string;
  /** What an operator would otherwise do. */
  readonly against: string;
  readonly theirs: string;
  readonly ours: string;
  /** How many times theirs. */
  readonly ratio: number;
  /** In words; empty: none. */
  readonly goal: string;
}

/** Seconds that the work takes, once what came before it has been cleaned up. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Tells how many seconds a part of a case takes: what an operator would otherwise do, or ch-sync. */
export type Stopwatch = (
  name: string,
  whose: "theirs" | "ours",
  work: () => Promise<unknown>,
) => Promise<number>;

export const onlySeconds: Stopwatch = (_name, _whose, work) => seconds(work);

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/**
 * Medians of both, and of the ratios of each pair.
 *
 * @param goal of the ratio, or in words; NaN: none
 */
export function compare(
  name: string,
  against: string,
  pairs: readonly { readonly theirs: number; readonly ours: number }[],
  goal: number | string,
  unit: (value: number) => string = (value) => `${value.toFixed(2)} s`,
): Result {
  return {
    name,
    against,
    theirs: unit(median(pairs.map(({ theirs }) => theirs))),
    ours: unit(median(pairs.map(({ ours }) => ours))),
    ratio: median(pairs.map(({ theirs, ours }) => ours / theirs)),
    goal: typeof goal === "string" ? goal : Number.isNaN(goal) ? "" : `${goal} x`,
  };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
