/** Rows that a site took and that are in no table yet: they wait in a Buffer table, for longer than rows take to settle. */
import { type Finding, finding } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { counted } from "../../text/readable.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import { SITE_OF } from "../shards/site_words.ts";
import type { Side } from "./believe.ts";
import type { BufferTable } from "./buffer_tables.ts";

/** What stands against tables, by their names here. Buffers that pass on what they get before it is settled are not asked. */
export async function doubtsOfBuffers(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  buffers: { readonly here: readonly BufferTable[]; readonly there: readonly BufferTable[] },
  { settleSeconds }: Pick<Settings, "settleSeconds">,
): Promise<ReadonlyMap<string, Finding>> {
  const long = ({ seconds }: BufferTable) => seconds >= settleSeconds;
  const [ours, theirs] = await Promise.all([
    holdingRows(here, buffers.here.filter(long)),
    holdingRows(there, buffers.there.filter(long)),
  ]);
  const doubts = (found: readonly BufferTable[], side: Side) =>
    found.flatMap(({ id, seconds, fills }) => {
      const detail =
        `rows wait in the Buffer table ${tableName(id)} of ${
          SITE_OF[side].name
        }, and are in no table yet: it may keep them ` +
        `for ${counted(seconds, "second")}, and SETTLE_SECONDS is ${settleSeconds}; OPTIMIZE TABLE ${
          tableName(id)
        } passes them on now, and ` +
        "so does a max_time below SETTLE_SECONDS in good time";
      return fills.map((name) =>
        [name, finding(name, null, side === "active" ? "rows_queued" : "queued_here", detail)] as const
      );
    });
  return new Map([...doubts(ours, "here"), ...doubts(theirs, "active")]);
}

/** How often it is asked: rows that reach the table itself between the two numbers look like some that wait. */
const LOOKS = 3;

async function holdingRows(
  site: Pick<ReadableSite, "storedRows">,
  buffers: readonly BufferTable[],
): Promise<readonly BufferTable[]> {
  let left = buffers;
  for (let look = 0; look < LOOKS && left.length > 0; look++) {
    const stored = await site.storedRows(left.flatMap(({ id, into }) => [id, into]));
    const rows = (id: TableId) => stored.get(tableName(id)) ?? 0n;
    // A Buffer counts what is in the table behind it among its rows.
    left = left.filter(({ id, into }) => rows(id) !== rows(into));
  }
  return left;
}
