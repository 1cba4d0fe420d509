/** Bringing staged parts into a table, and the proof that they are there: by hard links, in one step. */
import type { Repair } from "../../model/repair.ts";
import { errorText } from "../../text/error_text.ts";
import { SiteError } from "../http/errors.ts";
import { ADDS_PARTS, NO_DDL, onceBy } from "../http/statement_settings.ts";
import { inSmallerBlocks } from "../http/within_memory.ts";
import { type CaughtUp, waitUntilCaughtUp } from "./caught_up.ts";
import { type BringInOptions, insertRefused, isRefused } from "./insert_refused.ts";
import { areActive, type PartHash, readPartHashes } from "./part_hashes.ts";
import { Disproof } from "./disproof.ts";
import { bringIn, insertStaging, isReplicated } from "./staging_statements.ts";
import { counted } from "../../text/readable.ts";

/**
 * Where the answer is lost, and where a Replicated table reports an error of what came after the commit, the parts tell whether
 * it was done.
 *
 * @param before the parts of the partition
 * @param staged the active parts of the staging table; default: it is asked for them
 * @throws {Disproof} {SiteError} where it was not done, or cannot be told to be
 */
export async function attachParts(
  options: BringInOptions,
  before: readonly PartHash[],
  staged?: readonly PartHash[],
): Promise<void> {
  const { connection, repair: { partitionId }, staging } = options;
  const parts = staged ??
    (await readPartHashes(connection, staging, partitionId)).filter(({ active }) => active);
  await bringInAndProve(options, before, parts);
}

async function bringInAndProve(
  options: BringInOptions,
  before: readonly PartHash[],
  staged: readonly PartHash[],
): Promise<void> {
  const { repair, staging, command } = options;
  const { pair: { here }, partitionId } = repair;
  let lost: SiteError | null = null;
  try {
    // Past the views, where their targets hold already what they would make of the rows.
    const method = repair.method === "insert" ? "attach" : repair.method;
    await command(bringIn({ ...repair, method }, staging), {
      long: true,
      unstoppable: true,
      atOnce: true,
      settings: ADDS_PARTS,
    });
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    if (isRefused(error)) {
      const once = async () => {
        const caughtUp = await waitUntilCaughtUp(options.connection, here.id, partitionId);
        if (caughtUp.doubt !== null) {
          throw new Disproof(`${caughtUp.doubt.detail}. Nothing was added; the next check looks at it again`);
        }
        await insertOnce(options, caughtUp);
      };
      return await insertRefused(options, error, staged, once);
    }
    const answered = error.code !== null;
    if (error.fate !== "ended" && !(answered && isReplicated(here))) throw error;
    lost = error;
  }
  await proveAttached(options, before, staged, lost);
}

async function proveAttached(
  options: BringInOptions,
  before: readonly PartHash[],
  staged: readonly PartHash[],
  lost: SiteError | null,
): Promise<void> {
  const { connection, repair, partition, proofs } = options;
  const { pair: { here }, partitionId } = repair;
  const kept = repair.method === "replace" ? [] : before.filter(({ active }) => active);
  // Every part that was compared, every one that is proven to be missing, and no other: no row need be read.
  const look = async () => {
    const after = await readPartHashes(connection, here.id, partitionId);
    const there = new Set(after.map(({ hash }) => hash));
    const skipped = staged.filter(({ hash }) => !there.has(hash)).length;
    return { skipped, done: areActive(after, [...kept, ...staged]) };
  };
  let now = await look();
  if (!now.done && now.skipped > 0 && isReplicated(here)) {
    // Parts that were passed over are on their way from another replica, or were in the table before.
    const caughtUp = await waitUntilCaughtUp(connection, here.id, partitionId);
    now = await look();
    if (!now.done && caughtUp.doubt !== null) {
      const rows = lost ? `${errorText(lost)}: the rows` : "The rows";
      throw new Disproof(
        `${rows} may have been added, but ${caughtUp.doubt.detail}; the next check looks at them again`,
      );
    }
    if (!now.done && !lost && now.skipped === staged.length && mayInsert(repair)) {
      return await insertOnce(options, caughtUp);
    }
  }
  if (now.done) return;
  if (now.skipped > 0) {
    throw lost ??
      new Disproof(notBroughtIn(now.skipped, staged.length));
  }
  // Into an empty partition nothing else was added if its rows are just those of the parts.
  if (repair.fingerprint === null && (await partition())?.rows === repair.missing.rows) return;
  await proofs.proveWhole();
}

/** Whether an INSERT of the staged rows would do what ATTACH does: no view reads them. */
function mayInsert({ method, pair: { here } }: Repair): boolean {
  return method === "attach" && here.feeds.length === 0;
}

/** @param skipped how many of the staged parts the table does not hold */
export function notBroughtIn(skipped: number, staged: number): string {
  return `${skipped} of ${counted(staged, "staged part")} ${
    skipped === 1 ? "is" : "are"
  } not in the table after they were brought in`;
}

/**
 * A Replicated table passes in silence over parts that it was given once, also if they were dropped since. Their rows go in by
 * another way, which lets only one replica in: the state of the table's log makes it another time than any before.
 */
async function insertOnce(options: BringInOptions, { path, last }: CaughtUp): Promise<void> {
  const { connection, repair, staging, proofs, proveUnchanged, step, command } = options;
  const { pair: { here }, partitionId, missing: { rows, city, xxh } } = repair;
  await proveUnchanged();
  const token = ["ch-sync", path, partitionId, rows, city, xxh, last].join(" ");
  const sending = { long: true, unstoppable: true, settings: { ...onceBy(token), ...NO_DDL } };
  let lost: unknown = null;
  try {
    await command(insertStaging(repair, staging), inSmallerBlocks(sending, step));
  } catch (error) {
    lost = error;
  }
  const { doubt } = await waitUntilCaughtUp(connection, here.id, partitionId);
  if (doubt !== null) {
    throw lost ?? new Disproof(`${doubt.detail}. The next check compares the partition again`);
  }
  await proofs.proveWhole().catch((error) => {
    throw lost ?? error;
  });
}
