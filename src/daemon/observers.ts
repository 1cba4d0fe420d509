/** Who hears what a check does while it does it. */
import type { Observer } from "../check/ports.ts";

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
