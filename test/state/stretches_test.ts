/** Stretches of the memory: what is said to be proven of each is what its partitions were proven with, whatever checks did. */
import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { RememberedPartition } from "../../src/model/memory.ts";
import { provenSum } from "../../src/model/proven_sum.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { EMPTY_TABLE, rememberedPartition } from "../support/data/remembered.ts";

const TABLE = "d.t";
const idOf = (at: number) => String(at).padStart(5, "0");

type Kind = "proven" | "surplus" | "counted";

function partition(kind: Kind, salt: number): RememberedPartition {
  const plain = rememberedPartition(BigInt(salt), 100 + salt % 50);
  if (kind === "counted") return plain;
  const fingerprint = (site: number) => String(BigInt.asUintN(64, BigInt(salt + site) * 0x9e3779b97f4a7c15n));
  const [reason, surplus] = kind === "surplus" ? ["surplus", 1n] as const : [null, 0n] as const;
  return {
    ...plain,
    proof: { here: fingerprint(1), active: fingerprint(2), written: 1n, city: 7n, reason, surplus },
  };
}

/** A check: of which partitions what is found, by place; and whether it keeps stretches that it may keep. */
const check = fc.record({
  changes: fc.array(
    fc.record({
      from: fc.nat(3600),
      many: fc.constantFrom(1, 1, 3, 900),
      kind: fc.constantFrom<Kind | "gone">("proven", "proven", "surplus", "counted", "gone"),
    }),
    { maxLength: 3 },
  ),
  keeps: fc.boolean(),
});

Deno.test("what is proven of a stretch is what its partitions were proven with, and what is kept is as it was", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 900, max: 3500 }),
      fc.array(check, { maxLength: 3 }),
      async (first, checks) => {
        await using directory = await temporaryDirectory();
        const model = new Map<string, RememberedPartition>();
        let salt = 0;
        for (let at = 0; at < first; at++) model.set(idOf(at), partition("proven", ++salt));
        for (const { changes, keeps } of [{ changes: [], keeps: true }, ...checks]) {
          using memory = await MemoryFile.open(directory.path, "d");
          const changed = new Set<string>();
          for (const { from, many, kind } of changes) {
            for (let at = from; at < from + many; at++) {
              changed.add(idOf(at));
              if (kind === "gone") model.delete(idOf(at));
              else model.set(idOf(at), partition(kind, ++salt));
            }
          }
          const ids = [...model.keys()].sort();
          const between = (after: string, upTo: string | null) =>
            ids.filter((id) => id > after && (upTo === null || id <= upTo));
          const isUntouched = ({ after, upTo }: { after: string; upTo: string }) =>
            ![...changed].some((id) => id > after && id <= upTo);
          const known = keeps ? memory.stretches(TABLE).filter(isUntouched) : [];
          let after = "";
          for (const upTo of [...known.map(({ after }) => after), null]) {
            await memory.partitions(TABLE, after, upTo);
            const page = between(after, upTo);
            if (page.length > 0) {
              await memory.remember(
                TABLE,
                new Map(page.map((id) => [id, model.get(id)!])),
              );
            }
            const stretch = known.find((one) => one.after === upTo);
            if (!stretch) break;
            memory.keep(TABLE, stretch);
            after = stretch.upTo;
          }
          await memory.commit({
            tables: new Map([[TABLE, { ...EMPTY_TABLE, checkedAt: salt }]]),
            keep: () => true,
            partitions: new Map(),
          });
          using next = await MemoryFile.open(directory.path, "d", { readOnly: true });
          assert.deepEqual(
            await next.partitions(TABLE, "", null),
            new Map(ids.map((id) => [id, model.get(id)!])),
          );
          const stretches = next.stretches(TABLE);
          assert.ok(stretches.length <= 32);
          for (const { after, upTo, ...sum } of stretches) {
            assert.deepEqual(provenSum(between(after, upTo).map((id) => [id, model.get(id)!])), sum);
          }
          const all = [...model.values()];
          if (all.every(({ proof }) => proof?.reason === null) && all.length > 0) {
            assert.equal(stretches.reduce((sum, { partitions }) => sum + partitions, 0), all.length);
          }
        }
      },
    ),
    { numRuns: 10 },
  );
});
