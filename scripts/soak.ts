// deno-lint-ignore-file no-console -- what it prints is for the person who runs it
/**
 * `deno task soak [--minutes N] [--clusters] [--logs FOLDER]`: both sites are written to all the time, writes are dropped, doubled and
 * delayed, servers, Keepers and daemons are killed, links break, disks fill, the role flips. A ledger knows every row: none lost,
 * none doubled, READY never wrong.
 */
import { parseArgs } from "node:util";
import { soak } from "../test/soak/soak.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    minutes: { type: "string", default: "20" },
    clusters: { type: "boolean", default: false },
    logs: { type: "string" },
  },
});
const { wrong, ...figures } = await soak({
  kind: values.clusters ? "clusters" : "servers",
  minutes: Number(values.minutes),
  logs: values.logs ?? null,
  say: (text) => console.log(text),
});
console.log(JSON.stringify(figures, null, 2));
for (const text of wrong.slice(0, 20)) console.error(text);
console.log(
  wrong.length === 0 ? "No row lost, none doubled, READY never wrong." : `${wrong.length} things are wrong.`,
);
Deno.exit(wrong.length === 0 ? 0 : 1);
