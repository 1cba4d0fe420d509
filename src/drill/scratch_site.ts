/** The scratch database of a site, which has one on each of its shards. */
import type { Settings } from "../model/settings.ts";
import { errorText } from "../text/error_text.ts";
import type { Content, ScratchDatabase, ScratchRows } from "./scratch_database.ts";

export class ScratchSite {
  /** By shard; of a site that is one server, this one. */
  readonly servers: readonly ScratchDatabase[];

  constructor(servers: readonly ScratchDatabase[]) {
    this.servers = servers;
  }

  /** On all of them. Fails where one fails, once all have ended: a database still being made then would not be removed. */
  async create(): Promise<void> {
    await this.#each((server) => server.create());
  }

  /** Each row on one server. @param shardOf SQL on `number`: a number of which the remainder tells on which one */
  async load(rows: ScratchRows, shardOf: string): Promise<void> {
    const count = this.servers.length;
    await this.#each((server, at) =>
      server.load(
        count === 1 ? rows : { ...rows, where: `(${rows.where}) AND ${shardOf} % ${count} = ${at}` },
      )
    );
  }

  /** A text that is the same for the same multiset of rows, however they are spread. */
  async content(): Promise<string> {
    const all = await this.#each((server) => server.content());
    const sum = (of: (content: Content) => bigint) =>
      BigInt.asUintN(64, all.reduce((before, one) => before + of(one), 0n));
    return `${sum(({ rows }) => rows)} rows, ${sum(({ hashes }) => hashes)}, ${
      sum(({ squares }) => squares)
    }`;
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  /** @throws what failed first, which says on which shard */
  async #each<Answer>(ask: (server: ScratchDatabase, at: number) => Promise<Answer>): Promise<Answer[]> {
    const done = await Promise.allSettled(this.servers.map(ask));
    return done.map((one, at) => {
      if (one.status === "fulfilled") return one.value;
      if (this.servers.length === 1) throw one.reason;
      throw new Error(`${this.servers[at]!.place}: ${errorText(one.reason)}`);
    });
  }
}

/** @param open the scratch database of the server at `url`, which is `place` in words */
export function scratchSite(
  site: "local" | "remote",
  settings: Pick<Settings, "local" | "localShards" | "remote" | "shards">,
  open: (url: string, place: string) => ScratchDatabase,
): ScratchSite {
  const shards = site === "local" ? settings.localShards : settings.shards;
  const named = shards.map(([replica], at) => {
    const { url } = replica!;
    return open(url, `shard ${at + 1} of the ${site} site (${url})`);
  });
  return new ScratchSite(named.length > 0 ? named : [open(settings[site].url, `the ${site} site`)]);
}
