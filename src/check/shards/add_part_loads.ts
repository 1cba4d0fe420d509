/** How many parts a table of several shards bears: where all that is added may go to one of them. */
import type { PartLoad } from "../../model/part_load.ts";

export function addPartLoads(shards: readonly PartLoad[]): PartLoad {
  const least = (of: (load: PartLoad) => number) => Math.min(...shards.map(of));
  const ids = new Set(shards.flatMap(({ parts }) => [...parts.keys()]));
  // 0 stands for no limit.
  const delay = least(({ limits }) => limits.delay === 0 ? Infinity : limits.delay);
  return {
    limits: {
      delay: delay === Infinity ? 0 : delay,
      refuse: least(({ limits }) => limits.refuse),
      total: least(({ limits }) => limits.total),
    },
    parts: new Map([...ids].map((id) => [id, Math.max(...shards.map(({ parts }) => parts.get(id) ?? 0))])),
  };
}
