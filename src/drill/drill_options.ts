/** What a drill works with. */
import type { CheckPorts } from "../check/ports/check_ports.ts";
import type { ScratchDatabase } from "./scratch_database.ts";
import type { DrillStep } from "../model/drill.ts";
import type { Settings } from "../model/settings.ts";
import type { ActiveSite } from "../model/site.ts";

export interface DrillOptions {
  /** Of the drill's own user. */
  readonly ports: CheckPorts;
  readonly here: ScratchDatabase;
  readonly there: ScratchDatabase;
  /** Name of the scratch database at both sites. */
  readonly database: string;
  readonly settings: Settings;
  readonly resolve: () => Promise<{ readonly active: ActiveSite; readonly problem: string | null }>;
  /** Names of scratch databases that a drill of this installation left behind. */
  readonly leftovers: (names: readonly string[]) => readonly string[];
  /** Called with each step when it ends. */
  readonly onStep: (step: DrillStep) => void;
}
