/** A proof counts for the parts that were there when the rows were read: that nobody sees, but which were there before and after. */
import { FingerprintSum } from "../../model/fingerprint.ts";
import type {
  ProvenStretch,
  RememberedPartition,
  RememberedPartitions,
  TableIdentity,
} from "../../model/memory.ts";
import type { BothPartitions, Partitions } from "../../model/partition.ts";
import type { ReadPage } from "../compare/partition_reader.ts";

/**
 * What was found of a page, without proofs of partitions whose parts changed while they were compared. Rows that came
 * meanwhile were read, and belong to none of the parts that the proof names: should the server lose them, these parts prove nothing.
 */
export async function withLastingProofs(
  page: ReadPage,
  toRemember: RememberedPartitions,
): Promise<RememberedPartitions> {
  const isNew = (id: string, { proof }: RememberedPartition) =>
    proof !== null && proof !== page.remembered.get(id)?.proof;
  if (![...toRemember].some(([id, one]) => isNew(id, one))) return toRemember;
  const now = await page.again();
  const lasting = (id: string, one: RememberedPartition) =>
    isNew(id, one) && !isOf(one, id, now) ? { ...one, proof: null } : one;
  return new Map([...toRemember].map(([id, one]) => [id, lasting(id, one)]));
}

function isOf({ proof }: RememberedPartition, id: string, { here, there }: BothPartitions): boolean {
  return proof?.here === fingerprintOf(here, id) && proof.active === fingerprintOf(there, id);
}

function fingerprintOf(partitions: Partitions, id: string): string {
  return partitions.get(id)?.fingerprint ?? "";
}

/**
 * The parts of a table that its partitions were proven with: not those that it had when it was discovered, as some may have come or
 * gone since.
 */
export class ProvenParts {
  readonly #here = new FingerprintSum();
  readonly #active = new FingerprintSum();

  add({ here, there }: BothPartitions, proven: RememberedPartitions): void {
    const add = (id: string) => {
      const proof = proven.get(id)?.proof;
      this.#here.add(proof?.here ?? fingerprintOf(here, id));
      this.#active.add(proof?.active ?? fingerprintOf(there, id));
    };
    // There may be a million: no set of all of them is made.
    for (const id of here.keys()) add(id);
    for (const id of there.keys()) if (!here.has(id)) add(id);
  }

  addStretch({ fingerprintHere, fingerprintActive }: ProvenStretch): void {
    this.#here.add(fingerprintHere);
    this.#active.add(fingerprintActive);
  }

  fingerprints(): Pick<TableIdentity, "fingerprintHere" | "fingerprintActive"> {
    return { fingerprintHere: this.#here.text(), fingerprintActive: this.#active.text() };
  }
}
