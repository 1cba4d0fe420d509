// deno-lint-ignore-file no-console
/** One check in a process that does nothing else: its memory and CPU time are those of ch-sync. */
import { cpuUsage } from "node:process";
import { checkSites } from "../../test/support/sites/check_sites.ts";
import type { Site, TwoSites } from "../../test/support/sites/two_sites.ts";
import { residentMemory, runApart } from "./apart.ts";
import { foundIn } from "./whole_check.ts";

/** What such a process is given. */
interface Given {
  readonly sites: {
    readonly [name in keyof Pick<TwoSites, "primary" | "dr">]: Pick<
      Site,
      "host" | "tcpPort" | "writer" | "reader"
    >;
  };
  readonly memory: string;
}

export interface Checked {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Bytes. */
  readonly mostMemory: number;
  readonly repaired: number;
}

/** @param memory directory that checks leave their memory in @throws {Error} unless whatever was found is repaired */
export async function checkApart({ primary, dr }: TwoSites, memory: string): Promise<Checked> {
  const reached = ({ host, tcpPort, writer, reader }: Site) => ({ host, tcpPort, writer, reader });
  const given: Given = { sites: { primary: reached(primary), dr: reached(dr) }, memory };
  return await runApart(import.meta.filename!, [JSON.stringify(given)]) as Checked;
}

async function checkHere({ sites, memory }: Given & { readonly sites: TwoSites }): Promise<Checked> {
  const [begun, used] = [performance.now(), cpuUsage()];
  const report = await checkSites(sites, { memory });
  const { user, system } = cpuUsage(used);
  const seconds = (performance.now() - begun) / 1000;
  if (report.outcome !== "completed") {
    throw new Error(`The check ended as ${report.outcome}: ${report.error}`);
  }
  const { reasons, repaired } = foundIn(report);
  if (repaired !== reasons.length) throw new Error(`Not all could be repaired: ${reasons}`);
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    mostMemory: await residentMemory(Deno.pid, "most"),
    repaired,
  };
}

if (import.meta.main) console.log(JSON.stringify(await checkHere(JSON.parse(Deno.args[0]!))));
