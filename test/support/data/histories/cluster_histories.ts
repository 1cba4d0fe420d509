/** Generated clusters: how many shards and replicas, by which rule rows are spread, what was lost, and what dies in mid-repair. */
import { fc } from "../../seed.ts";

/** A row, and how often it is on each shard of either site. */
export interface PlacedRow {
  /** From 1 on. */
  readonly day: number;
  readonly id: number;
  readonly there: readonly number[];
  readonly here: readonly number[];
}

/** What dies once, and is back afterwards. */
export type Death =
  | "nothing"
  | "ch-sync"
  | "replica"
  | "passive shard"
  | "active shard"
  | "active site"
  | "passive Keeper";

export const DEATHS: readonly Death[] = [
  "nothing",
  "ch-sync",
  "replica",
  "passive shard",
  "active shard",
  "active site",
  "passive Keeper",
];

export interface ClusterSide {
  /** Which of its shards are used, in the order in which they are named. */
  readonly shards: readonly number[];
  readonly replicas: 1 | 2;
  /** One replica may have it as a plain table. */
  readonly replicated: boolean;
}

export interface ClusterHistory {
  readonly active: ClusterSide;
  readonly passive: ClusterSide;
  /** The key of a Distributed table at the passive site; null: it has none. */
  readonly key: string | null;
  /** Whether that table takes some shards for heavier than others. */
  readonly weighted: boolean;
  readonly rows: readonly PlacedRow[];
  /** Before or after how manieth attach it dies, from 1 on. */
  readonly attach: number;
  readonly moment: "unsent" | "sent" | "answered";
}

export const times = (of: readonly number[]) => of.reduce((a, b) => a + b, 0);

const someOf = (most: number): readonly (readonly number[])[] =>
  most === 2
    ? [[0], [1], [0, 1], [1, 0], [0, 1]]
    : [[0], [2], [0, 1], [2, 0], [0, 1, 2], [1, 2, 0], [2, 1, 0]];

const side = (shards: readonly (readonly number[])[]) =>
  fc.record({
    shards: fc.constantFrom(...shards),
    replicas: fc.constantFrom<1 | 2>(1, 2, 2),
    replicated: fc.boolean(),
  }).map((one): ClusterSide => ({ ...one, replicated: one.replicas > 1 || one.replicated }));

const row = fc.record({
  day: fc.integer({ min: 1, max: 2 }),
  place: fc.nat(5),
  copies: fc.constantFrom(1, 1, 1, 1, 1, 1, 2),
  again: fc.option(fc.nat(5), { freq: 1 }),
  here: fc.constantFrom("as there", "as there", "as there", "less", "none", "none", "more"),
  spread: fc.nat(5),
});

/**
 * @param most shards of a site
 * @param passive shards that the passive site has at least
 */
export function clusterHistory(most: 2 | 3, passive: number): fc.Arbitrary<ClusterHistory> {
  return fc.record({
    active: side(someOf(most)),
    passive: side(someOf(most).filter(({ length }) => length >= passive)),
    key: fc.constantFrom(null, "id", "cityHash64(v)", "rand()", "toInt64(id) - 30"),
    weighted: fc.boolean(),
    byKey: fc.record({ there: fc.boolean(), here: fc.boolean() }),
    rows: fc.array(row, { minLength: 20, maxLength: 80 }),
    // A shard of this site that was away for a while, or the whole of it.
    outage: fc.option(fc.record({ shard: fc.nat(2), all: fc.boolean(), from: fc.nat(80), to: fc.nat(80) })),
    onlyHere: fc.nat(3),
    attach: fc.integer({ min: 1, max: 3 }),
    moment: fc.constantFrom<ClusterHistory["moment"]>("unsent", "sent", "answered"),
  }).map(({ active, passive, key, weighted, byKey, rows, outage, onlyHere, attach, moment }) => {
    const placed = rows.map((row, id): PlacedRow => {
      const [there, here] = [active, passive].map(({ shards }) => shards.map(() => 0)) as [
        number[],
        number[],
      ];
      there[(byKey.there ? id : row.place) % there.length]! += row.copies;
      // The same row on another shard too, as a retried insert leaves it.
      if (row.again !== null) there[row.again % there.length]! += 1;
      const all = times(there);
      const held = { "as there": all, less: all - 1, none: 0, more: all + 1 }[row.here];
      for (let at = 0; at < held; at++) here[(byKey.here ? id : row.spread + at) % here.length]! += 1;
      if (outage && id >= outage.from && id <= outage.to) {
        if (outage.all) here.fill(0);
        else here[outage.shard % here.length] = 0;
      }
      return { day: row.day, id, there, here };
    });
    const extra = Array.from({ length: onlyHere }, (_, at): PlacedRow => ({
      day: 1,
      id: 1000 + at,
      there: active.shards.map(() => 0),
      here: passive.shards.map((_, shard) => shard === at % passive.shards.length ? 1 : 0),
    }));
    return { active, passive, key, weighted, rows: [...placed, ...extra], attach, moment };
  });
}
