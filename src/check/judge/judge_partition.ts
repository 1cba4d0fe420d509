/** From the facts of a partition to the one reason that it carries, guards included. */
import type { Cause } from "../../model/cause.ts";
import { addDigests, type Digest, EMPTY_DIGEST, subtractDigests, sumDigests } from "../../model/digest.ts";
import { shrunk } from "./guards/shrunk.ts";
import { copied } from "./guards/copied.ts";
import { scattered } from "./guards/scattered.ts";
import { guardRepair } from "./guards/guard_repair.ts";
import { isAllSettled } from "../../model/time_units.ts";
import { beside, leftOutDiffers, undated } from "./guards/undated.ts";
import { judgeMerged } from "./judge_merged.ts";
import { surplusDetail } from "./describe_proven.ts";
import type { Judgement, Objection, PartitionFacts, PartitionPolicy } from "./partition_facts.ts";
import { absentHere, counted, grouped } from "../../text/readable.ts";

/** The reason of a partition, or null if it is simply in sync. */
export function judgePartition(facts: PartitionFacts, policy: PartitionPolicy): Judgement {
  const { comparison: { absent, onlyHere }, differences } = facts;
  const missing = sumDigests(
    [...absent, ...differences.map((d) => ({ digest: d.missing }))].map((b) => b.digest),
  );
  const surplus = addDigests(onlyHere, sumDigests(differences.map((d) => d.surplus)));
  const repeated = differences.reduce((sum, d) => sum + d.repeated, 0n);
  const judged = (cause: Cause | null, detail: string) => ({ cause, detail, missing, surplus, repeated });

  /** Rows of which nobody can tell yet whether they are missing. */
  const leftOut = leftOutDiffers(facts) ? undated(facts) : null;

  // What a TTL has put together there, and not yet here, is fewer rows and no loss: the guard for that speaks.
  const putTogether = facts.grouped === true && missing.rows > 0n;
  const loss = policy.accepted || putTogether ? null : shrunk(facts, policy, surplus);
  if (loss) return judged(...loss);
  const apart = scattered(facts, policy);
  if (apart) return judged(...apart);
  const twice = copied(facts, policy, missing, repeated);
  if (twice) return judged(...twice);
  if (facts.comparison.here.rows === 0n && missing.rows > 0n) {
    const refusal = guardRepair(facts, policy, missing);
    return refusal ? judged(...refusal) : beside(judged("missing", absentHere(missing.rows)), leftOut);
  }
  if (facts.merged) return judgeMerged(facts, facts.merged, policy);
  if (missing.rows > 0n) {
    const refusal = fedThere(policy, missing, surplus) ?? guardRepair(facts, policy, missing);
    if (!refusal) return beside(judged("partial", partialDetail(facts, missing, surplus)), leftOut);
    const free = refusal[0] === "twins" ? freeOfTwins(facts, repeated) : EMPTY_DIGEST;
    if (free.rows === 0n) return judged(...refusal);
    const [cause, detail] = refusal;
    const besides = subtractDigests(missing, free);
    return {
      ...judged("partial", partialDetail(facts, free, surplus)),
      missing: free,
      held: { cause, detail, count: besides.rows, missing: besides },
    };
  }
  if (surplus.rows > 0n) {
    return judged(...leftOut ?? (["surplus", surplusDetail(surplus.rows, false)] as const));
  }
  return judged(...explainCounts(facts, leftOut));
}

/** What a view made of the same rows in other blocks are other rows: beside each other, they would count twice. */
function fedThere(
  { fedThere, accepted }: PartitionPolicy,
  missing: Digest,
  surplus: Digest,
): Objection | null {
  if (!fedThere || accepted || surplus.rows === 0n) return null;
  return [
    "fed_there",
    `${absentHere(missing.rows)}, ${
      grouped(surplus.rows)
    } exist only here, and at the active site a view fills the table: what views ` +
    "make of the same rows may look different on each site, and would be counted twice. Create the view here, and the table is " +
    "compared by what it comes down to; or drop the partition here, if the active site is right: all of it is copied",
  ];
}

/**
 * Missing rows of which no row that only this site has can be the twin, whatever the others are. Only where twins are told
 * by their keys: those that pair off otherwise were seen in a sample.
 */
function freeOfTwins(
  { free, presumed, pairedOff, comparison: { absent } }: PartitionFacts,
  repeated: bigint,
) {
  if (!free || presumed || pairedOff || repeated > 0n) return EMPTY_DIGEST;
  return sumDigests([...absent, ...free].map(({ digest }) => digest));
}

function partialDetail({ comparison }: PartitionFacts, missing: Digest, surplus: Digest): string {
  const kept = surplus.rows > 0n
    ? `; ${
      surplus.rows === 1n
        ? "a row that exists only here stays"
        : `${grouped(surplus.rows)} rows that exist only here stay`
    }`
    : "";
  return `${grouped(missing.rows)} of ${counted(comparison.there.rows, "row")} ${
    missing.rows === 1n ? "is" : "are"
  } absent here${kept}`;
}

/** Settled rows agree. If the parts hold different rows all the same, rows that were left out explain it. */
function explainCounts(
  facts: PartitionFacts,
  leftOut: Objection | null,
): readonly [Cause | null, string] {
  if (leftOut) return leftOut;
  if (!leftOutDiffers(facts)) return [null, ""];
  const { scope, newest } = facts;
  if (scope.axis && newest !== null && !isAllSettled(scope, newest)) {
    return ["hot", `rows younger than ${counted(scope.settleSeconds, "second")} are still arriving`];
  }
  if (scope.ttls.length > 0) return ["expiring", "only rows past their TTL differ"];
  return [null, ""];
}
