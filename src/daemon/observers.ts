/** Who hears what a check does while it does it. */
import { getLogger } from "@logtape/logtape";
import type { Observer } from "../check/ports.ts";
import { appendRepair } from "../state/repair_record.ts";

const log = getLogger(["ch-sync"]);

/** One that tells all of them, one after the other. */
export function together(observers: readonly Partial<Observer>[]): Observer {
  return {
    roleKnown: (...heard) => observers.forEach((one) => one.roleKnown?.(...heard)),
    tablesFound: (...heard) => observers.forEach((one) => one.tablesFound?.(...heard)),
    checkingTable: (...heard) => observers.forEach((one) => one.checkingTable?.(...heard)),
    repairing: (...heard) => observers.forEach((one) => one.repairing?.(...heard)),
    written: (...heard) => observers.forEach((one) => one.written?.(...heard)),
    copied: (...heard) => observers.forEach((one) => one.copied?.(...heard)),
    async repaired(...heard) {
      for (const one of observers) await one.repaired?.(...heard);
    },
    warn: (...heard) => observers.forEach((one) => one.warn?.(...heard)),
  };
}

/** Logs what matters of a check, and records each repair in the directory of the state. */
export function logObserver(directory: string): Partial<Observer> {
  return {
    roleKnown: (active, we) => log.info("Active site: {active} (we are: {we})", { active, we }),
    checkingTable: (table) => log.info("Checking table: {table}", { table }),
    warn: (text) => log.warn("{text}", { text }),
    copied: ({ pair, partitionId }, slices, of) =>
      log.info("Copying {table} partition {partition}: {slices} of {of} slices", {
        table: pair.name,
        partition: partitionId,
        slices,
        of,
      }),
    async repaired({ pair, partitionId, reason, missing }, outcome) {
      if (outcome.kind !== "repaired") return;
      const [table, partition, rows] = [pair.name, partitionId, Number(outcome.rows)];
      log.info("Repaired {table} partition {partition}: {rows} rows", { table, partition, rows });
      const digests = { city: String(missing.city), xxh: String(missing.xxh) };
      const time = new Date().toISOString();
      await appendRepair(directory, {
        time,
        table,
        partition,
        reason,
        rows,
        digests,
        query_ids: outcome.queryIds,
      })
        .catch((error) => log.error("{text}", { text: error.message }));
    },
  };
}
