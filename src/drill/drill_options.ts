/** What a drill works with. */
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { ScratchSite } from "./scratch_site.ts";
import type { DrillStep } from "../model/drill.ts";
import type { PickedReplicas } from "../model/replica_pick.ts";
import type { Settings } from "../model/settings.ts";
import type { ActiveSite } from "../model/site.ts";

export interface DrillOptions {
  /** Of the drill's own user. */
  readonly ports: CheckPorts;
  readonly here: ScratchSite;
  readonly there: ScratchSite;
  /** The servers that were picked, and what others are. */
  readonly replicas: PickedReplicas;
  /** Name of the scratch database on all servers. */
  readonly database: string;
  readonly settings: Settings;
  readonly resolve: () => Promise<{ readonly active: ActiveSite; readonly problem: string | null }>;
  /** Names of scratch databases that a drill of this installation left behind. */
  readonly leftovers: (names: readonly string[]) => readonly string[];
  /** Called with each step when it ends. */
  readonly onStep: (step: DrillStep) => void;
}
