/** Targets of views that what a view makes of rows may be added to any number of times. */
import type { FedTarget } from "../../model/derived_view.ts";
import { mayAddAgain } from "./adding_again.ts";
import { putTogetherBy } from "./put_together.ts";

/** Whether rows are held against each other one by one, not put together by key. */
export function isApart(by: FedTarget["by"]): by is "rows" | "set" {
  return by === "rows" || by === "set";
}

/** Whether a key comes to the same, once merged, however often it is fed. What is drawn anew each time makes other keys. */
export function takesAgain(
  { by, redrawn, pair: { here } }: Pick<FedTarget, "by" | "redrawn" | "pair">,
): boolean {
  if (redrawn || isApart(by)) return false;
  if (by === "again") return true;
  return (by === "engine" && here.mergeRule.kind === "aggregate" && mayAddAgain({ ...here, feeds: [] })) ||
    putTogetherBy(here, by).repeatable;
}
