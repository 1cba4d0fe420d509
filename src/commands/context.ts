/** What every command works with. */
import type { HashAgreements } from "../check/tables/agree_on_hashes.ts";
import type { CheckFlags } from "../cli.ts";
import type { StatusLine } from "../log/status_line.ts";
import type { Within } from "../model/check_scope.ts";
import type { Settings } from "../model/settings.ts";
import type { Paint } from "../text/paint.ts";

export interface Context {
  readonly flags: CheckFlags;
  readonly settings: Settings;
  /** Directory of the state file. */
  readonly directory: string;
  /** Where progress is shown; null: nobody watches a terminal. */
  readonly foot: StatusLine | null;
  /** The report comes on the terminal that shows the log: what it will say is not logged. */
  readonly told: boolean;
  /** For stdout. */
  readonly paint: Paint;
  readonly redact: (text: string) => string;
  /** As `CheckOptions` has them. */
  readonly only: ReadonlySet<string> | null;
  readonly within?: Within;
  readonly verify: boolean;
  readonly accepted: ReadonlySet<string>;
  readonly agreements: HashAgreements;
  readonly signal: AbortSignal;
}
