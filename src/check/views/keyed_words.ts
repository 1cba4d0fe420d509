/** A comparison by key in words. */
import type { KeyedDifference } from "../../model/derived_view.ts";
import { counted } from "../../text/readable.ts";

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
    ...doubtful === 0n ? [] : [
      `${
        counted(doubtful, "key holds", "keys hold")
      } other values where several rows tie, which is not proven`,
    ],
  ];
}

export function lessOf({ keys, missing, less, other, more }: KeyedDifference): string {
  return [
    `of ${counted(keys, "key")} ${counted(missing, "is", "are")} absent here and ${
      counted(less, "holds", "hold")
    } less than at the active site`,
    ...other > 0n ? [`${counted(other, "holds", "hold")} something else`] : [],
    ...more > 0n ? [`${counted(more, "holds", "hold")} more here`] : [],
  ].join(", ");
}
