/** What the servers of several shards say of themselves, as one; or why they cannot be read as one site. */
import type { ServerFacts } from "../../model/site.ts";
import type { Side } from "../replicas/believe.ts";
import { SITE_OF } from "./site_words.ts";

/** Seconds by which their clocks may differ. */
const MAX_CLOCK_SKEW = 300;

/** The runs of all shards as one. */
export function runOfAll(runs: readonly string[]): string {
  return runs.join(" ");
}

/** @throws in words for an operator, where their zones or clocks differ, or an address leads to several servers */
export function addFacts(shards: readonly ServerFacts[], urls: readonly string[], side: Side): ServerFacts {
  const [first] = shards as readonly [ServerFacts, ...ServerFacts[]];
  const name = (at: number) => `shard ${at + 1} (${urls[at]})`;
  for (const [at, { timezone, now, runs }] of shards.entries()) {
    if (new Set(runs).size > 1) {
      throw new Error(
        `${name(at)} of ${
          SITE_OF[side].variable
        } leads to several ClickHouse servers by turns. Give the address of one server, past ` +
          "whatever balances between them",
      );
    }
    if (timezone !== first.timezone) {
      throw new Error(
        `the servers of the shards of ${SITE_OF[side].name} have different time zones (${first.timezone} at ${
          name(0)
        }, ${timezone} at ${name(at)}): ` +
          "a partition of one is not that of another; give them the same one",
      );
    }
    if (Math.abs(now - first.now) > MAX_CLOCK_SKEW) {
      throw new Error(
        `the clocks of ${name(0)} and ${name(at)} of ${SITE_OF[side].name} differ by ${
          Math.abs(now - first.now)
        } seconds, so nobody can say which ` +
          "rows are settled; set them right (NTP)",
      );
    }
  }
  return {
    now: Math.min(...shards.map(({ now }) => now)),
    settledBeforeDay: Math.min(...shards.map(({ settledBeforeDay }) => settledBeforeDay)),
    timezone: first.timezone,
    version: [...new Set(shards.map(({ version }) => version))].join(" and "),
    cores: Math.min(...shards.map(({ cores }) => cores)),
    identity: shards.map(({ identity }) => identity).join(" "),
    runs: [runOfAll(shards.map(({ runs }) => runs[0] ?? ""))],
    shards,
  };
}
