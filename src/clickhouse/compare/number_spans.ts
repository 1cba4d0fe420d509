/** What columns of whole numbers span: whether they are times. */
import type { NumberSpan } from "../../model/partition.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { decoded } from "../http/decode.ts";
import { listed, sql } from "../sql/layout.ts";
import { portions } from "../sql/portions.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";

/** Different numbers of which their common divisor is taken: a hundred times of day hardly have one by chance. */
const SAMPLE = 100;

export async function readNumberSpans(
  connection: Connection,
  table: TableId,
  partitionIds: readonly string[],
  columns: readonly string[],
): Promise<NumberSpan[]> {
  const spans: NumberSpan[] = [];
  for (const ids of portions(partitionIds)) {
    const row = await connection.one<SpanRow>(numberSpans(table, ids, columns), { long: true });
    spans.push(...decoded(connection.site, () => decodeSpans(row, columns)));
  }
  return spans;
}

/** One row, with `_chsync_from_0`, `_chsync_to_0` and `_chsync_sample_0` of the first column, and so on. */
function numberSpans(
  id: TableId,
  partitionIds: readonly string[],
  columns: readonly string[],
): string {
  const facts = columns.flatMap((name, index) => {
    const column = identifier(name);
    const ifAny = (value: string) => `if(count(${column}) = 0, NULL, toString(${value}))`;
    return [
      `${ifAny(`min(${column})`)} AS _chsync_from_${index}`,
      `${ifAny(`max(${column})`)} AS _chsync_to_${index}`,
      `arrayMap(_chsync_one -> toString(_chsync_one), groupUniqArray(${SAMPLE})(${column})) AS _chsync_sample_${index}`,
    ];
  });
  return sql`
    SELECT
      ${listed(facts)}
    FROM ${qualified(id)}
    WHERE _partition_id IN (${partitionIds.map(literal).join(", ")})
  `;
}

type SpanRow = Readonly<Record<string, string | readonly string[] | null>>;

function decodeSpans(row: SpanRow, columns: readonly string[]): NumberSpan[] {
  const number = (value: SpanRow[string] | undefined) => typeof value === "string" ? whole(value) : null;
  return columns.map((column, index) => {
    const sample = row[`_chsync_sample_${index}`];
    return {
      column,
      from: number(row[`_chsync_from_${index}`]),
      to: number(row[`_chsync_to_${index}`]),
      sample: Array.isArray(sample) ? sample.map(whole) : [],
    };
  });
}

/** Of 64 bits: a site that sends longer ones would have them divided for a long time. */
function whole(value: string): bigint {
  if (!/^-?\d{1,20}$/.test(value)) throw new TypeError("no whole number of 64 bits");
  return BigInt(value);
}
