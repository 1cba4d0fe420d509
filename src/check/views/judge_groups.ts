/** What is said of a table that keeps every row and is filled by views that group. */
import type { KeyedDifference } from "../../model/derived_view.ts";
import { type Finding, finding } from "../../model/report.ts";
import { holdsLess, lessOf, untoldOf } from "./keyed_words.ts";
import type { TargetShape } from "./target_shape.ts";
import { counted } from "../../text/readable.ts";

export const PROVEN =
  "filled by a view that groups; put together by its keys once more, it holds the same as at the active site (a row more or " +
  "less that changes no value of its key does not show)";

const LESS =
  ", although its sources are whole. If the active site is right, drop the partitions here that lack them: what the " +
  "active site holds and this one does not is copied whole";

/** @param comparable nothing of what was compared may still be on its way */
export function judgeGroups(
  table: string,
  { doubt }: TargetShape,
  keyed: KeyedDifference,
  comparable: boolean,
): Finding {
  if (holdsLess(keyed)) {
    const found = `filled by a view that groups; ${lessOf(keyed)}`;
    if (!comparable) {
      return finding(
        table,
        null,
        "derived_waiting",
        `${found}, and it still changes: compared once it rests`,
      );
    }
    if (doubt !== null) {
      return finding(table, null, "derived_unproven", `${found}, and that proves nothing: ${doubt}`);
    }
    return finding(
      table,
      null,
      "derived_less",
      `${found}${LESS}`,
    );
  }
  const untold = untoldOf(keyed);
  if (untold.length > 0) {
    return finding(table, null, "derived_unproven", `filled by a view that groups; ${untold.join("; ")}`);
  }
  const more = keyed.more > 0n ? `; ${counted(keyed.more, "key holds", "keys hold")} more here` : "";
  return finding(table, null, "derived_proven", `${PROVEN}${more}`);
}

/** @param partitions to which rows of the active site are added */
export function adding(found: Finding, partitions: number): Finding {
  const detail =
    `${found.detail.replace(LESS, "")}; rows of the active site are added to ${
      counted(partitions, "partition")
    }, which ` +
    "makes no difference to keys that hold them already, then it is compared again";
  return { ...found, ...finding(found.table, null, "derived_waiting", detail) };
}

/** @param partitions that are absent here */
export function copying(table: string, partitions: number): Finding {
  const detail = `filled by a view that groups; ${
    counted(partitions, "partition is", "partitions are")
  } absent here and copied, then it is compared`;
  return finding(table, null, "derived_waiting", detail);
}
