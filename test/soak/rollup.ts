/** The rollup of a night of single servers: what its view made of rows, and what operators do where that is not known. */
import { stagingTables } from "../support/program/endings.ts";
import type { Site } from "../support/sites/two_sites.ts";
import type { Ledger } from "./ledger.ts";
import type { SoakSite } from "./site.ts";
import { ROLLUP } from "./tables.ts";

/** Whether a repair was killed while it fed the views, and waits for an operator. */
export async function hasOpenFeed({ query }: Site): Promise<boolean> {
  const open = "SELECT count() FROM system.tables WHERE name LIKE '\\_chsync%s' AND comment != ''";
  return await query(open).then((count) => count !== "0\n", () => false);
}

/** What docs/recovery.md says: the rows are in the table, so the rollup is made anew from it. */
export async function settleByHand(site: Site): Promise<boolean> {
  for (const name of (await stagingTables(site)).trim().split("\n").filter((name) => name.endsWith("s"))) {
    await makeAnew(site);
    await site.query(`DROP TABLE d.${name} SYNC`);
    return true;
  }
  return false;
}

/** Where INSERTs without an answer left the rollup with other rows than its table has, which no repair can tell. */
export async function makeAnew(site: Site): Promise<void> {
  await site.query("TRUNCATE TABLE d.minutes");
  await site.query(`INSERT INTO d.minutes ${ROLLUP}`);
}

/** Whether the last check left the table alone because the rollup holds other rows. */
export function isAtOdds(state: Readonly<Record<string, unknown>> | null): boolean {
  const causes = state?.["causes"] as Readonly<Record<string, readonly string[]>> | undefined;
  return causes?.["d.viewed"]?.includes("fed_before") ?? false;
}

/** @returns what is wrong with the rollup at a site that repaired everything; empty: nothing */
export async function compareRollup({ name, servers }: SoakSite, ledger: Ledger): Promise<string[]> {
  const count = async (sql: string) => Number(await servers[0]!.query(sql));
  const rolled = await count("SELECT sum(requests) FROM d.minutes");
  const rows = await count("SELECT count() FROM d.viewed");
  const unsure = ledger.uncertain(name, "d.viewed");
  return Math.abs(rolled - rows) <= unsure
    ? []
    : [`${name}: the rollup counts ${rolled} of ${rows} rows, and ${unsure} were written without an answer`];
}
