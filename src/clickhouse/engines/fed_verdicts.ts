/** What rows, or keys, that a view makes say of its target. */

/** How many rows, or keys, of what the view makes say what of the target. */
export interface FedVerdicts {
  /** With it, the target comes to what is wanted. */
  readonly lacks: bigint;
  /** Without it, the target is what is wanted. */
  readonly holds: bigint;
  /** The target holds nothing of it; with it, there is still less than is wanted. */
  readonly bare: bigint;
  /** The target holds something there; with it, there is still less than is wanted. */
  readonly below: bigint;
  /** None of these; with it, the target comes nearer. */
  readonly nearerWith: bigint;
  /** None of these; without it, the target is nearer. */
  readonly nearerWithout: bigint;
  /** The target may hold it or not: that makes a difference, and none that shows. */
  readonly hidden: bigint;
}

const NAMES = ["lacks", "holds", "bare", "below", "nearer_with", "nearer_without", "hidden"] as const;
export type FedVerdictsRow = Readonly<Record<`_chsync_${(typeof NAMES)[number]}`, string>>;

export function decodeFedVerdicts(row: FedVerdictsRow): FedVerdicts {
  return {
    lacks: BigInt(row._chsync_lacks),
    holds: BigInt(row._chsync_holds),
    bare: BigInt(row._chsync_bare),
    below: BigInt(row._chsync_below),
    nearerWith: BigInt(row._chsync_nearer_with),
    nearerWithout: BigInt(row._chsync_nearer_without),
    hidden: BigInt(row._chsync_hidden),
  };
}

/** What slices say, together. */
export function addVerdicts(all: readonly FedVerdicts[]): FedVerdicts {
  const sum = (of: (one: FedVerdicts) => bigint) => all.reduce((total, one) => total + of(one), 0n);
  return {
    lacks: sum(({ lacks }) => lacks),
    holds: sum(({ holds }) => holds),
    bare: sum(({ bare }) => bare),
    below: sum(({ below }) => below),
    nearerWith: sum(({ nearerWith }) => nearerWith),
    nearerWithout: sum(({ nearerWithout }) => nearerWithout),
    hidden: sum(({ hidden }) => hidden),
  };
}

export interface Conditions {
  /** Nothing that shows is changed by it, and something else is. */
  readonly hidden: string;
  /** Nothing is changed by it, whatever was there. */
  readonly same: string;
  /** This site's target holds nothing there, and so nothing of it, whatever its source has. */
  readonly gone: string;
  readonly lacks: string;
  readonly holds: string;
  /** Of what is below: the target holds nothing there. */
  readonly bare: string;
  readonly below: string;
  readonly nearer: string;
}

export const NEVER: Conditions = {
  hidden: "0",
  same: "0",
  gone: "0",
  lacks: "0",
  holds: "0",
  bare: "0",
  below: "0",
  nearer: "0",
};

/** Of several that are true the first one counts. @param else_ if none is: without it, the target is nearer */
export function counted(
  { hidden, same, gone, lacks, holds, bare, below, nearer }: Conditions,
  from: string,
  else_: "0" | "6" = "6",
): string {
  const verdict =
    `multiIf(${hidden}, 7, ${same}, 0, ${gone}, 2, ${lacks}, 1, ${holds}, 2, ${below}, if(${bare}, 3, 4), ` +
    `${nearer}, 5, ${else_})`;
  const counts = NAMES.map((name, at) => `countIf(_chsync_verdict = ${at + 1}) AS _chsync_${name}`);
  return `SELECT ${counts.join(", ")} FROM (SELECT ${verdict} AS _chsync_verdict FROM (${from}))`;
}
