/** Rows, or values, that this site's own TTL takes while the active site keeps them. */
import { type Finding, finding } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/**
 * Null: no rule that this site alone has takes anything that the active site keeps. Asked at each check, as time alone
 * makes rows expire.
 *
 * @param now unix seconds
 */
export async function refuseEarlyExpiry(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  now: number,
): Promise<Finding | null> {
  if (pair.early.length === 0) return null;
  const taken = await there.countEarly(pair.there, pair.early, now);
  const early = pair.early.flatMap(({ rule }, index) => {
    const rows = taken[index] ?? 0n;
    return rows > 0n
      ? [`the ${rule} here takes ${rows} rows or their values, which the active site keeps by its own`]
      : [];
  });
  if (early.length === 0) return null;
  const statement = early.some((text) => text.startsWith("the TTL here")) ? here.ttlStatement(pair) : null;
  const detail = `${early.join("; ")}: what is copied would expire again. Give both sites the same TTL`;
  return { ...finding(pair.name, null, "expires_early", detail), sql: statement === null ? [] : [statement] };
}
