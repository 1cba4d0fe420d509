/** What one check is asked to do. */
import type { PickedReplicas } from "../model/replica_pick.ts";
import type { Within } from "../model/check_scope.ts";
import type { Settings } from "../model/settings.ts";
import type { SteadyRole } from "../verdict/steady_role.ts";
import type { HashAgreements } from "./tables/agree_on_hashes.ts";

export interface CheckOptions {
  /** With the addresses of the replicas that were picked. */
  readonly settings: Settings;
  readonly replicas: PickedReplicas;
  readonly dryRun: boolean;
  /** The patterns of `--table`, as `isWanted()` takes them; null: all tables. */
  readonly only: ReadonlySet<string> | null;
  /** Limits within the tables; absent: none. */
  readonly within?: Within;
  /** Every partition is digested, whatever is remembered of it. */
  readonly verify?: boolean;
  /** `database.table` or `database.table:partition` of `--accept`. */
  readonly accepted: ReadonlySet<string>;
  /** Tells what this installation staged from what others did. */
  readonly installation: string;
  /** What earlier checks of this process learned about the servers' hashes; this one adds to it. */
  readonly agreements: HashAgreements;
  /** Every changed partition is digested, because the check could turn FAILBACK READY on. */
  readonly deep: boolean;
  /** What earlier checks found out about the roles: one check's answer is not enough to replace rows. */
  readonly steady: SteadyRole;
  /** When the check begins. */
  readonly now: Date;
}
