/** Finding variables that are meant for ch-sync but that it does not know. */
import type { Mistake } from "./mistake.ts";
import { either } from "./setting.ts";
import { SETTINGS } from "./table/table.ts";

/** By each known name, old ones included, the name to show. */
const TOLD: ReadonlyMap<string, string> = new Map(
  SETTINGS.flatMap(({ name, aliases = [] }) => [name, ...aliases].map((known) => [known, name])),
);
const NAMES: readonly string[] = [...TOLD.keys()];

/** By how many letters a misspelt name may differ from the intended one, and how long it must be. */
const DISTANCE = 2;
const LONG = 8;

/** Prefixes that only ch-sync uses, apart from the names in `STRANGERS`. */
const OWN_PREFIXES =
  /^(LOCAL_CH_|REMOTE_CH_|CH_EXCLUDE|DNS_(RECORD|SERVER)|FAILBACK_|SETTLE_|MAX_CONFLICT|AUTO_CREATE|NOTIFY_|STATE_(DIR|PATH)$)/;

/** Set by systemd, and by Kubernetes for a service that happens to be called `notify` or `remote-ch`. */
const STRANGERS = /^NOTIFY_SOCKET$|^STATE_DIRECTORY$|_SERVICE_(HOST|PORT)(_|$)|_PORT_\d/;

/**
 * Names that ch-sync does not know but that look like one of its own. The environment of a process is full of
 * strangers, and a stranger must not keep ch-sync from starting. So a name counts only if, in capitals, it
 *
 * 1. is a name of at least two words with something after it (`CHECK_INTERVALL`, `NOTIFY_WEBHOOK_URL`),
 * 2. is the first words, two at least, of a name (`CONNECT_TIMEOUT`, `MAX_CONFLICT`),
 * 3. begins as only names of ch-sync begin (`LOCAL_CH_PASS`, `NOTIFY_URL`), or
 * 4. has eight letters or more and differs from a name by at most two (`CHECKINTERVAL`, `check_interval`);
 *
 * and is not one of the names that systemd and Kubernetes set. `NOTIFY_SOCKET`, `LOGNAME`, `LOG_NAMESPACE` and the
 * `…_DIRECTORY` variables pass.
 */
export function unknownVariables(names: Iterable<string>): Mistake[] {
  return [...names].flatMap((name) => {
    const upper = name.toUpperCase();
    if (TOLD.has(name) || STRANGERS.test(upper)) return [];
    const near = NAMES.map((own) => ({ own, distance: editDistance(upper, own) }))
      .sort((a, b) => a.distance - b.distance)[0]!;
    const misspelt = upper.length >= LONG && near.distance <= DISTANCE;
    if (!misspelt && !continues(upper) && !begins(upper) && !OWN_PREFIXES.test(upper)) return [];
    const meant = [...new Set((misspelt ? [near.own] : closestPrefix(upper)).map((own) => TOLD.get(own)!))];
    return [{
      variable: name,
      value: null,
      problem: `is not known to ch-sync; did you mean ${either(meant)}?`,
    }];
  });
}

function continues(name: string): boolean {
  return NAMES.some((own) => own.includes("_") && name.startsWith(own));
}

function begins(name: string): boolean {
  return name.includes("_") && NAMES.some((own) => own.startsWith(`${name}_`));
}

/** The names that share the longest beginning with this one. */
function closestPrefix(name: string): string[] {
  const shared = (own: string) => {
    let length = 0;
    while (length < own.length && own[length] === name[length]) length++;
    return length;
  };
  const longest = Math.max(...NAMES.map(shared));
  return NAMES.filter((own) => shared(own) === longest);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
