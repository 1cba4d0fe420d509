/** Reading the partitions of both sites a page at a time: many small tables together, a large one in pieces. */
import type { RememberedPartitions } from "../../model/memory.ts";
import type { BothPartitions, Partitions, Summaries } from "../../model/partition.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** Partitions of one site that are held in memory at a time, about ten megabytes. */
const PAGE = 20_000;

/** Tables in one statement, at most: servers limit its length. */
const TABLES = 500;

/** The partitions of a table within a range of ids, as both sites and the memory have them. */
export interface PartitionPage extends BothPartitions {
  readonly remembered: RememberedPartitions;
}

export interface ReadPage extends PartitionPage {
  /** The same partitions, and others, as they are when it is asked. */
  readonly again: () => Promise<BothPartitions>;
}

interface Group {
  readonly pairs: readonly TablePair[];
  loaded?: Promise<{ here: ReadonlyMap<string, Partitions>; there: ReadonlyMap<string, Partitions> }>;
}

export class PartitionReader {
  readonly #ports: Pick<CheckPorts, "here" | "there" | "memory">;
  readonly #groups = new Map<string, Group>();
  readonly #open = new Map<Group, number>();
  readonly #size: number;

  /**
   * @param pairs in the order in which they will be read
   * @param size partitions of one site in a page at most
   */
  constructor(
    ports: Pick<CheckPorts, "here" | "there" | "memory">,
    pairs: readonly TablePair[],
    summaries: Summaries,
    size = PAGE,
  ) {
    this.#ports = ports;
    this.#size = size;
    let [group, grouped] = [[] as TablePair[], 0];
    const close = () => {
      const one: Group = { pairs: group };
      for (const { name } of group) this.#groups.set(name, one);
      this.#open.set(one, group.length);
      [group, grouped] = [[], 0];
    };
    for (const pair of pairs) {
      const partitions = Math.max(
        summaries.here.get(pair.name)?.partitions ?? 0,
        summaries.there.get(tableName(pair.there.id))?.partitions ?? 0,
      );
      if (partitions > size) continue;
      if (grouped + partitions > size || group.length >= TABLES) close();
      group.push(pair);
      grouped += partitions;
    }
    close();
  }

  /** Every partition that either site holds, once, in the order of the ids. */
  async *pages(pair: TablePair): AsyncGenerator<ReadPage> {
    const group = this.#groups.get(pair.name);
    yield* group ? this.#fromGroup(pair, group) : this.#inPieces(pair);
  }

  /** All of them as they are at this moment, whatever the pages held. */
  async now({ here, there }: TablePair): Promise<BothPartitions> {
    const [nowHere, nowThere] = await Promise.all([
      this.#ports.here.partitionsOf(here),
      this.#ports.there.partitionsOf(there),
    ]);
    return { here: nowHere, there: nowThere };
  }

  async *#fromGroup(pair: TablePair, group: Group): AsyncGenerator<ReadPage> {
    const { here, there, memory } = this.#ports;
    group.loaded ??= Promise.all([
      here.partitions(group.pairs.map((pair) => pair.here.id)),
      there.partitions(group.pairs.map((pair) => pair.there.id)),
    ]).then(([here, there]) => ({ here, there }));
    const loaded = await group.loaded;
    const remembered = await memory.partitions(pair.name, "", null);
    const left = (this.#open.get(group) ?? 1) - 1;
    this.#open.set(group, left);
    if (left === 0) delete group.loaded; // the last of its tables
    yield {
      here: loaded.here.get(pair.name) ?? new Map(),
      there: loaded.there.get(tableName(pair.there.id)) ?? new Map(),
      remembered,
      again: () => this.now(pair),
    };
  }

  async *#inPieces(pair: TablePair): AsyncGenerator<ReadPage> {
    for (let after: string | null = ""; after !== null;) {
      const begin: string = after;
      const { here: pageHere, there: pageThere } = await this.#piece(pair, begin);
      // A full page says nothing about what follows its last id: both sites are read up to the lower of the two.
      const ends: string[] = [pageHere, pageThere].filter(({ size }) => size >= this.#size).map((page) =>
        last(page.keys())
      );
      const end: string | null = ends.length === 0 ? null : ends.sort()[0]!;
      const within = (all: Partitions) => {
        if (end === null || last(all.keys()) <= end) return all;
        return new Map([...all].filter(([id]) => id <= end));
      };
      yield {
        here: within(pageHere),
        there: within(pageThere),
        remembered: await this.#ports.memory.partitions(pair.name, begin, end),
        again: () => this.#piece(pair, begin),
      };
      after = end;
    }
  }

  async #piece(pair: TablePair, after: string): Promise<BothPartitions> {
    const page = { after, limit: this.#size };
    const [here, there] = await Promise.all([
      this.#ports.here.partitions([pair.here.id], page),
      this.#ports.there.partitions([pair.there.id], page),
    ]);
    return {
      here: here.get(pair.name) ?? new Map(),
      there: there.get(tableName(pair.there.id)) ?? new Map(),
    };
  }
}

function last(ids: Iterable<string>): string {
  let found = "";
  for (const id of ids) if (id > found) found = id;
  return found;
}
