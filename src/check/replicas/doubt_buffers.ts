/** Rows that a site took and that are in no table yet: they wait in a Buffer table, for longer than rows take to settle. */
import { type Finding, finding } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import { tableName } from "../../model/table.ts";
import { counted } from "../../text/readable.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import { SITE_OF } from "../shards/site_words.ts";
import type { Side } from "./believe.ts";
import type { BufferTable } from "./buffer_tables.ts";

/** What stands against tables, by their names here. */
export async function doubtsOfBuffers(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  buffers: { readonly here: readonly BufferTable[]; readonly there: readonly BufferTable[] },
  { settleSeconds }: Pick<Settings, "settleSeconds">,
): Promise<ReadonlyMap<string, Finding>> {
  const [ours, theirs] = await Promise.all([holding(here, buffers.here), holding(there, buffers.there)]);
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

async function holding(
  site: Pick<ReadableSite, "holdingRows">,
  buffers: readonly BufferTable[],
): Promise<readonly BufferTable[]> {
  if (buffers.length === 0) return [];
  const names = await site.holdingRows(buffers.map(({ id }) => id));
  return buffers.filter(({ id }) => names.has(tableName(id)));
}
