/** What becomes of a statement in the server: whether it makes progress, and whether it has ended although its answer was lost. */
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";
import type { StatementFate } from "./errors.ts";

/** How long ch-sync waits, in milliseconds. Tests are less patient than operators. */
export interface Patience {
  /** For an answer that describes the site. */
  readonly quick: number;
  /** Between two looks at a long statement. */
  readonly look: number;
  /** For a server that answers nothing, and for an answer after the statement has ended in the server. */
  readonly silent: number;
  /** For a long statement that neither reads nor writes nor computes. */
  readonly stalled: number;
  /** For a statement whose server does not let ch-sync look. */
  readonly unseen: number;
  /** For the end of a statement that was killed. */
  readonly killed: number;
}

export const PATIENCE: Patience = {
  quick: 60_000,
  look: 10_000,
  silent: 60_000,
  stalled: 600_000,
  unseen: 6 * 3_600_000,
  killed: 3000,
};

/** What is added to an error about a statement whose answer was lost. */
export const FATES: Readonly<Record<StatementFate, (queryId: string) => string>> = {
  ended: () => "",
  running: (queryId) => `; the server is still running the statement with query_id ${queryId}`,
  unknown: (queryId) => `; the server may still be running the statement with query_id ${queryId}`,
};

/** @returns ends it */
export function deadline(milliseconds: number, giveUp: (why: string) => void): () => void {
  const timer = setTimeout(() => giveUp("Timeout: the statement took too long"), milliseconds);
  return () => clearTimeout(timer);
}

/** How far a statement has come, as a text that changes as long as it lives; null: the server does not run it. */
export type Look = () => Promise<string | null>;

/** One row while the server runs the statement. */
export function progressStatement(queryId: string): string {
  const counters = ["NetworkReceiveBytes", "NetworkSendBytes", "OSCPUVirtualTimeMicroseconds"]
    .map((name) => `ProfileEvents['${name}']`).join(", ");
  return sql`
    SELECT
      toString((read_rows, written_rows, read_bytes, written_bytes, memory_usage, ${counters})) AS progress,
      written_rows,
      written_bytes
    FROM system.processes
    WHERE query_id = ${literal(queryId)}
  `;
}

/**
 * Looks at a statement every now and then, and gives it up if the server is silent, if the statement makes no progress,
 * or if it has ended and its answer does not arrive. How long it takes does not matter.
 *
 * @param denied whether an error means that the server will never let ch-sync look
 * @returns ends the watch
 */
export function watch(
  look: Look,
  { patience, denied, giveUp }: {
    readonly patience: Patience;
    readonly denied: (error: unknown) => boolean;
    readonly giveUp: (why: string) => void;
  },
): () => void {
  const start = performance.now();
  let [answeredAt, seenAt, movedAt] = [start, start, start];
  let last: string | null = null;
  let timer = setTimeout(once, patience.look);
  let over = false;
  async function once(): Promise<void> {
    const since = (moment: number) => performance.now() - moment;
    try {
      const progress = await look();
      answeredAt = performance.now();
      if (progress !== null) seenAt = answeredAt;
      if (progress === null || progress !== last) movedAt = answeredAt;
      last = progress;
    } catch (error) {
      if (over) return;
      if (denied(error)) {
        timer = setTimeout(() => giveUp("Timeout: the statement took too long"), patience.unseen);
        return;
      }
    }
    if (over) return;
    if (since(answeredAt) > patience.silent) {
      giveUp(`Timeout: the server was silent for ${seconds(patience.silent)}`);
    } else if (since(seenAt) > patience.silent) {
      giveUp("Timeout: the statement ended in the server, and its answer never came");
    } else if (since(movedAt) > patience.stalled) {
      giveUp(`Timeout: the statement made no progress for ${seconds(patience.stalled)}`);
    } else timer = setTimeout(once, patience.look);
  }
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

/**
 * Waits for the end of a statement whose connection is gone: the server goes on with it.
 *
 * @param kill ends it; null: it must not be torn, so it may go on as long as it makes progress
 */
export async function awaitEnd(
  look: Look,
  kill: (() => Promise<void>) | null,
  patience: Patience,
): Promise<StatementFate> {
  const begun = performance.now();
  let [answeredAt, movedAt] = [begun, begun];
  let last: string | null = null;
  let killed = kill === null;
  for (let pause = 20;; pause = Math.min(pause * 2, 1000)) {
    const now = () => performance.now();
    try {
      if (!killed) await kill?.();
      killed = true;
      const progress = await look();
      if (progress === null) return "ended";
      answeredAt = now();
      if (progress !== last) movedAt = answeredAt;
      last = progress;
    } catch {
      // Where it matters, a server that is just being started again is asked once more.
      if (kill || now() - answeredAt > patience.silent) return "unknown";
    }
    if (now() - movedAt > patience.stalled || (kill && now() - begun > patience.killed)) return "running";
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} seconds`;
}
