/** A report of ch-sync, in one line a table and a total. */
import { meaningOf } from "../../src/model/cause.ts";
import { counted, readableBytes } from "../../src/text/readable.ts";

/** What the demo reads of the JSON that `--json` prints. */
export interface Report {
  readonly exit_code: number;
  readonly tables: readonly {
    readonly table: string;
    readonly findings: readonly {
      readonly cause: string;
      readonly clean: boolean;
      readonly repaired: boolean;
      readonly rows_missing: number;
      readonly rows_surplus: number;
      readonly bytes_to_move: number;
    }[];
  }[];
}

type Findings = Report["tables"][number]["findings"];

/** What a dry run found. */
export function planned({ tables }: Report): string[] {
  const line = (findings: Findings) => {
    const surplus = sum(findings, "rows_surplus");
    const own = surplus > 0 ? `; ${counted(surplus, "row exists", "rows exist")} only here` : "";
    const size = readableBytes(sum(findings, "bytes_to_move"));
    return `${counted(sum(findings, "rows_missing"), "row")} missing, ${size} to copy${own}`;
  };
  return lines(tables, ({ rows_missing }) => rows_missing > 0, line);
}

/** What a check did. */
export function repaired({ tables }: Report): string[] {
  const line = (findings: Findings) => {
    const done = findings.filter((found) => found.repaired);
    const open = findings.filter((found) => !found.repaired && !found.clean);
    return `${counted(sum(done, "rows_missing"), "row")} copied into ${counted(done.length, "partition")}; ${
      counted(sum(open, "rows_missing"), "row")
    } missing`;
  };
  return lines(tables, (found) => found.repaired, line);
}

/** A table of which no finding `counts` is told by what the first one means. */
function lines(
  tables: Report["tables"],
  counts: (found: Findings[number]) => boolean,
  line: (findings: Findings) => string,
): string[] {
  const rows = tables.map(({ table, findings }) => {
    const said = findings.some(counts) ? line(findings) : told(findings[0]);
    return [table, said] as const;
  });
  const all = tables.flatMap(({ findings }) => findings);
  const width = Math.max(...rows.map(([table]) => table.length)) + 2;
  return [...rows, [`all ${tables.length} tables`, line(all)] as const]
    .map(([name, told]) => `   ${name.padEnd(width)}${told}`);
}

function told(finding: Findings[number] | undefined): string {
  return finding ? meaningOf(finding.cause) : "nothing is missing";
}

function sum(findings: Findings, key: "rows_missing" | "rows_surplus" | "bytes_to_move"): number {
  return findings.reduce((total, found) => total + found[key], 0);
}
