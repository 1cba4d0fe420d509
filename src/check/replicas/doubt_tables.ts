/** Why tables cannot be believed, or not be compared: by their replicas, by servers that are not read, by shards. */
import type { Finding } from "../../model/report.ts";
import type { CheckOptions } from "../check_options.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { refuseOverShards } from "../shards/over_shards.ts";
import type { Discovery } from "../tables/discovery.ts";
import { doubtsOfBuffers } from "./doubt_buffers.ts";
import type { FoundFurther } from "./judge_other_servers.ts";
import { lookAtSites, WHOLE } from "./look_at_sites.ts";
import { lookFurther, withDoubts } from "./look_further.ts";
import type { Doubts } from "./looked.ts";
import { doubtsOfOthers } from "./one_shard.ts";

/** @param unnamed shards of the active site that settings of several shards do not name */
export async function doubtTables(
  ports: CheckPorts,
  discovery: Discovery,
  { settings, replicas, only, within }: CheckOptions,
  unnamed: readonly Finding[],
): Promise<Pick<FoundFurther, "lacking" | "warnings"> & { readonly doubts: Doubts }> {
  const { pairs } = discovery;
  const more = [...unnamed, ...discovery.unnamed.there];
  const [further, looked, buffered] = await Promise.all([
    lookFurther(ports, discovery, settings, only !== null || within !== undefined),
    lookAtSites(ports, pairs, discovery, WHOLE, replicas),
    doubtsOfBuffers(ports, discovery.buffers, settings),
  ]);
  const { tables, others } = withDoubts(doubtsOfOthers(looked, pairs, discovery, replicas), further);
  const believed = { tables: new Map([...buffered, ...tables]), others: [...others, ...more] };
  const { lacking, warnings } = further;
  if (!ports.there.shards && !ports.here.shards) return { doubts: believed, lacking, warnings };
  const shards = { here: replicas.localShards, active: replicas.shards };
  const doubts = refuseOverShards(believed, discovery, shards, settings.stagingDatabase);
  return { doubts, lacking, warnings };
}
