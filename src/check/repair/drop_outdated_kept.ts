/** Dropping what earlier checks replaced and kept aside. */
import { placedAt } from "../../model/staging.ts";
import { isOutdated, KEPT_DAYS } from "./kept_tables.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** Drops the kept tables whose time is over. */
export async function dropOutdated(
  { here, observer }: Pick<CheckPorts, "here" | "observer">,
  { dryRun }: { readonly dryRun: boolean },
): Promise<void> {
  if (dryRun) return;
  for (const kept of await here.keptTables()) {
    if (!isOutdated(kept)) continue;
    await here.dropKept(kept);
    observer.warn(
      `Dropped ${
        placedAt(kept)
      }, in which rows that were replaced by those of the active site were kept for ${KEPT_DAYS} days`,
    );
  }
}
