/** A comparison by key in words. */
import type { KeyedDifference } from "../../model/derived_view.ts";

export function holdsLess({ missing, less, other }: KeyedDifference): boolean {
  return missing + less + other > 0n;
}

/** What a comparison by key leaves open although nothing is less here. */
export function untoldOf({ ignored, doubtful }: KeyedDifference): string[] {
  return [
    ...ignored.length === 0 ? [] : [
      `by its keys it holds the same; ${ignored.join(", ")} cannot be put together again, and ${
        ignored.length === 1 ? "is" : "are"
      } not proven`,
    ],
    ...doubtful === 0n
      ? []
      : [`${doubtful} keys hold other values where several rows tie, which is not proven`],
  ];
}

export function lessOf({ keys, missing, less, other, more }: KeyedDifference): string {
  return [
    `of ${keys} keys ${missing} are absent here and ${less} hold less than at the active site`,
    ...other > 0n ? [`${other} hold something else`] : [],
    ...more > 0n ? [`${more} hold more here`] : [],
  ].join(", ");
}
