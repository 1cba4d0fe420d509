/** The end of a night: both directions are repaired, and every row is counted. */
import type { SiteName } from "../../src/model/site.ts";
import { otherSite } from "../../src/model/site.ts";
import type { ChSync } from "../support/program/ch_sync.ts";
import { stagingTables } from "../support/program/endings.ts";
import type { DnsServer } from "../support/receivers/dns_server.ts";
import { pause } from "./collector.ts";
import type { Ledger } from "./ledger.ts";
import { compareRollup, makeAnew, settleByHand } from "./rollup.ts";
import { type NightKind, SITES, type SoakSites } from "./site.ts";
import { atRest, heldByEach, TABLES } from "./tables.ts";
import { ADDRESSES } from "./trouble.ts";

export type Installations = Readonly<Record<SiteName, ChSync>>;

const TRY_AGAIN_MS = 5000;

/**
 * One direction, then the other, as often as it takes until neither misses anything.
 *
 * @returns what a site says that never became whole; empty: both did
 */
export async function converge(
  installations: Installations,
  sites: SoakSites,
  dns: DnsServer,
  kind: NightKind,
): Promise<string[]> {
  for (const active of [...SITES, ...SITES]) {
    dns.answer = { kind: "addresses", ips: [ADDRESSES[active]] };
    const passive = otherSite(active);
    for (let tries = 1;; tries++) {
      const { code, stderr } = await installations[passive].run(["--once"]);
      if (code === 0) break;
      if (tries === 10) return [`${passive} never became whole:\n${stderr}`];
      const [server] = sites[passive].servers;
      if (kind === "servers" && /: views: /.test(stderr)) {
        if (!await settleByHand(server!)) await makeAnew(server!);
      }
      await pause(TRY_AGAIN_MS);
    }
  }
  return [];
}

/** @returns what is wrong at the servers of both sites; empty: nothing */
export async function countAll(sites: SoakSites, kind: NightKind, ledger: Ledger): Promise<string[]> {
  const tables = TABLES[kind];
  const wrong: string[] = [];
  for (const name of SITES) {
    const site = sites[name];
    await atRest(site);
    for (const table of tables) {
      for (const [at, held] of (await heldByEach(site, table)).entries()) {
        wrong.push(
          ...ledger.compare(held, table).map((text) => `${name} ${table.name}, replica ${at + 1}: ${text}`),
        );
      }
    }
    for (const [at, server] of site.servers.entries()) {
      const left = (await stagingTables(server)).trim();
      if (left !== "") wrong.push(`${name}, server ${at + 1}: ${left.replaceAll("\n", ", ")} is left over`);
    }
    if (kind === "servers") wrong.push(...await compareRollup(site, ledger));
  }
  return wrong;
}
