/** Which pages of the memory a check writes again. */
import assert from "node:assert/strict";
import type { RememberedPartition, RememberedPartitions } from "../../src/model/memory.ts";
import { FreshPages } from "../../src/state/fresh_pages.ts";
import { parsePage, type StoredPage } from "../../src/state/parse_memory.ts";
import { rememberedPartition } from "../support/data/remembered.ts";

const partition = (rows: bigint) => rememberedPartition(rows, 5);

const many = (partitions: number): RememberedPartitions =>
  new Map(
    Array.from({ length: partitions }, (_, at) => [String(at).padStart(5, "0"), partition(BigInt(at))]),
  );

/** What a first check wrote, and what the next one reads of it. */
function stored(partitions: number): Map<StoredPage, RememberedPartitions> {
  const fresh = new FreshPages();
  fresh.add("d.t", many(partitions), []);
  return new Map(fresh.of("d.t").map((page) => [page, parsePage(fresh.waiting.get(page.id)!)!]));
}

const together = (read: ReadonlyMap<StoredPage, RememberedPartitions>) =>
  new Map([...read.values()].flatMap((content) => [...content]));

Deno.test("FreshPages writes no page again of which every partition is what was read, told apart or not", () => {
  const read = stored(2500);
  for (const known of [read, new Map()]) {
    const next = new FreshPages(3);
    next.wereRead("d.t", known);
    next.add("d.t", together(read), [...read.keys()]);
    assert.deepEqual([next.of("d.t"), next.waiting.size], [[...read.keys()], 0]);
  }
});

Deno.test("FreshPages writes the one page in which something changed, came or went", () => {
  const read = stored(2500);
  const [first, , last] = [...read.keys()];
  const changes: readonly ((all: Map<string, RememberedPartition>) => void)[] = [
    (all) => all.set("01500", partition(7n)),
    (all) => all.set("02500", partition(7n)),
    (all) => all.delete("02499"),
  ];
  for (const [at, change] of changes.entries()) {
    const all = together(read);
    change(all);
    const next = new FreshPages(3);
    next.wereRead("d.t", read);
    next.add("d.t", all, [...read.keys()]);
    assert.equal(next.waiting.size, 1);
    const pages = next.of("d.t");
    assert.equal(pages[0], first);
    assert.equal(pages[2] === last, at === 0);
    const back = new Map(
      pages.flatMap((
        page,
      ) => [...next.waiting.has(page.id) ? parsePage(next.waiting.get(page.id)!)! : read.get(page)!]),
    );
    assert.deepEqual(back, all);
  }
});
