/** Observers of a check: the log, the record of repairs, and whoever else wants to follow it. */
import { getLogger } from "@logtape/logtape";
import type { Observer } from "../check/ports/observer.ts";
import { renderJudged } from "../report/render_judged.ts";
import { counted, grouped, readableBytes, readableDuration } from "../text/readable.ts";
import { partitionsOf } from "../model/live.ts";
import { type Repair, repairKey } from "../model/repair.ts";
import { appendRepair } from "../state/repair_record.ts";

const log = getLogger(["ch-sync"]);

/** Milliseconds between two lines about one long copy. */
const COPY_LINE_MS = 30_000;

/** @param directory of the state */
export function logObserver(directory: string): Partial<Observer> {
  /** Of partitions that go together, under the first of them. */
  const running = new Map<string, { began: number; told: number; beside: readonly Repair[] }>();
  return {
    roleKnown: (active, we) => log.info("Active site: {active} (we are: {we})", { active, we }),
    checkingTable: (table) => log.info("Checking table: {table}", { table }),
    warn: (text) => log.warn("{text}", { text }),
    judged(judged) {
      const { table, partitionId: partition } = judged;
      // What is not logged is not rendered either: there may be thousands.
      log.debug("Judged {of}: {facts}", () => ({
        of: partition === null ? table : `${table} partition ${partition}`,
        table,
        partition,
        facts: renderJudged(judged),
      }));
    },
    repairing(first, beside = []) {
      const began = performance.now();
      running.set(repairKey(first), { began, told: began, beside });
    },
    written(first, rows, bytes) {
      const { pair, partitionId, missing } = first;
      const now = performance.now();
      const repair = running.get(repairKey(first));
      if (!repair || now - repair.told < COPY_LINE_MS) return;
      repair.told = now;
      const { began, beside } = repair;
      const seconds = (now - began) / 1000;
      const of = beside.reduce((sum, { missing }) => sum + Number(missing.rows), Number(missing.rows));
      const left = rows > 0 ? (of - rows) * seconds / rows : 0;
      log.info(
        `Copying {table} partition {partition}: ${grouped(rows)} of ${
          counted(of, "row")
        }, {pace}/s, about {left} left`,
        {
          table: pair.name,
          partition: partitionsOf({ partitionId, beside }),
          rows,
          of,
          pace: readableBytes(bytes / seconds),
          left: readableDuration(left),
        },
      );
    },
    apart: (repair) => void running.delete(repairKey(repair)),
    copied: ({ pair, partitionId }, slices, of) =>
      log.info("Copying {table} partition {partition}: {slices} of {of} slices", {
        table: pair.name,
        partition: partitionId,
        slices,
        of,
      }),
    async repaired(repair, outcome) {
      const { pair, partitionId, reason, missing, bytes } = repair;
      const began = running.get(repairKey(repair))?.began ?? performance.now();
      running.delete(repairKey(repair));
      if (outcome.kind !== "repaired") return;
      const [table, partition, rows] = [pair.name, partitionId, Number(outcome.rows)];
      log.info(`Repaired {table} partition {partition}: ${counted(rows, "row")}`, {
        table,
        partition,
        rows,
      });
      const digests = { city: String(missing.city), xxh: String(missing.xxh) };
      const time = new Date().toISOString();
      const seconds = outcome.seconds ?? Math.round(performance.now() - began) / 1000;
      const query_ids = outcome.queryIds;
      const { kept } = outcome;
      if (kept) {
        log.info("What was replaced is kept in {kept}; to bring it back: {restore}", {
          kept: kept.table,
          restore: kept.restore,
        });
      }
      const aside = kept ? { kept: kept.table, restore: kept.restore } : {};
      const record = { time, table, partition, reason, rows, bytes, seconds, digests, query_ids, ...aside };
      await appendRepair(directory, record).catch((error) => log.error("{text}", { text: error.message }));
    },
  };
}

/** One observer that tells all of them, one after the other. */
export function together(observers: readonly Partial<Observer>[]): Observer {
  return {
    roleKnown: (...heard) => observers.forEach((one) => one.roleKnown?.(...heard)),
    tablesFound: (...heard) => observers.forEach((one) => one.tablesFound?.(...heard)),
    checkingTable: (...heard) => observers.forEach((one) => one.checkingTable?.(...heard)),
    judged: (...heard) => observers.forEach((one) => one.judged?.(...heard)),
    async planned(...heard) {
      for (const one of observers) await one.planned?.(...heard);
    },
    repairing: (...heard) => observers.forEach((one) => one.repairing?.(...heard)),
    written: (...heard) => observers.forEach((one) => one.written?.(...heard)),
    copied: (...heard) => observers.forEach((one) => one.copied?.(...heard)),
    apart: (...heard) => observers.forEach((one) => one.apart?.(...heard)),
    async repaired(...heard) {
      for (const one of observers) await one.repaired?.(...heard);
    },
    warn: (...heard) => observers.forEach((one) => one.warn?.(...heard)),
  };
}
