/** Reading the partitions of both sites a page at a time: many small tables together, a large one in pieces. */
import type { ProvenStretch, RememberedPartitions, Stretch } from "../../model/memory.ts";
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

/** What the reader goes through: pages, and between them stretches of which neither site has changed a part since they were proven. */
export type Read = ReadPage | { readonly proven: ProvenStretch };

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
    yield* group ? this.#fromGroup(pair, group) : this.#inPieces(pair, { after: "", upTo: null });
  }

  /**
   * The same, but for stretches of a large table of which no part has changed: these are not read.
   *
   * @param known in the order of ids
   */
  async *pagesBeside(pair: TablePair, known: readonly ProvenStretch[]): AsyncGenerator<Read> {
    if (this.#groups.has(pair.name)) return yield* this.pages(pair);
    let after = "";
    for (const proven of await this.#unchanged(pair, known)) {
      if (proven.after > after) yield* this.#inPieces(pair, { after, upTo: proven.after });
      yield { proven };
      after = proven.upTo;
    }
    yield* this.#inPieces(pair, { after, upTo: null });
  }

  /** Those of which both sites have the parts that they were proven with. */
  async #unchanged({ here, there }: TablePair, known: readonly ProvenStretch[]): Promise<ProvenStretch[]> {
    if (known.length === 0) return [];
    // What lies between two of them is a stretch of its own, which nothing is known of.
    const ends = [...new Set(known.flatMap(({ after, upTo }) => [after, upTo]))].filter((end) => end !== "");
    const [partsHere, partsThere] = await Promise.all([
      this.#ports.here.stretchFingerprints(here.id, ends),
      this.#ports.there.stretchFingerprints(there.id, ends),
    ]);
    return known.filter(({ upTo, fingerprintHere, fingerprintActive }) => {
      const at = ends.indexOf(upTo);
      return partsHere[at] === fingerprintHere && partsThere[at] === fingerprintActive;
    });
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

  async *#inPieces(pair: TablePair, { after: begin, upTo }: Stretch): AsyncGenerator<ReadPage> {
    for (let after: string | null = begin; after !== null;) {
      const rest: Stretch = { after, upTo };
      const { here: pageHere, there: pageThere } = await this.#piece(pair, rest);
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
        remembered: await this.#ports.memory.partitions(pair.name, after, end ?? upTo),
        again: () => this.#piece(pair, rest),
      };
      after = end;
    }
  }

  async #piece(pair: TablePair, rest: Stretch): Promise<BothPartitions> {
    const page = { ...rest, limit: this.#size };
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
