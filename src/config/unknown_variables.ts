/** Finding variables that are meant for ch-sync and misspelt. */
import type { Mistake } from "./mistake.ts";
import { VARIABLES } from "./variables.ts";

/** Letters by which a misspelt name may differ from the one that was meant. */
const DISTANCE = 2;

/**
 * Names that ch-sync does not know but that start like one of its own: a known name with something appended
 * (`CHECK_INTERVALL`, `REMOTE_CH_HOSTNAME`), one that shares a prefix only ch-sync uses (`LOCAL_CH_PASS`), or, for
 * names of some length, one with a letter or two wrong. Short names are not guessed at: the environment of a process
 * is full of strangers, such as `NOTIFY_SOCKET` and `STATE_DIRECTORY` of systemd.
 */
export function unknownVariables(names: Iterable<string>): Mistake[] {
  const known = new Set(VARIABLES.map(({ name }) => name));
  return [...names].filter((name) => !known.has(name)).flatMap((name) => {
    const meant = nearest(name);
    if (meant === null) return [];
    return [{ variable: name, value: null, problem: `is not known to ch-sync; did you mean ${meant}?` }];
  });
}

const OWN_PREFIXES =
  /^(LOCAL_CH|REMOTE_CH|CH_EXCLUDE|CH_SYNC|CHSYNC|FAILBACK|DNS_(RECORD|SERVER)|SETTLE_|MAX_CONFLICT|AUTO_CREATE)/;

function nearest(name: string): string | null {
  const scored = VARIABLES.map((variable) => ({
    known: variable.name,
    distance: editDistance(name, variable.name),
  }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0]!;
  const extended = VARIABLES.find((variable) =>
    variable.name.includes("_") && name.startsWith(variable.name)
  );
  if (extended) return extended.name;
  if (OWN_PREFIXES.test(name)) return best.known;
  return name.length >= 8 && best.distance <= DISTANCE ? best.known : null;
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
