/** A site that lies: whatever it says, nothing of it is run at the other one, nothing there is lost, made or sent out. */
import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { settingsOf } from "../support/sites/settings.ts";
import { outsideQuotes } from "../support/data/outside_quotes.ts";
import { liar, type Lie, lieAboutSite, lieAboutTable } from "./hostile_answers.ts";
import { MARKS } from "./hostile_deeds.ts";
import { type Mode, type Ran, runMode } from "./hostile_modes.ts";
import { FILLED, type SiteRole, type Stand, TABLE_COUNT, USERS } from "./hostile_stand.ts";

/** Lies of one run: a check takes longer than a table in it. */
export const LIES = 10;
/** Seconds that a run may take, whatever it is told. */
const PATIENCE_SECONDS = 60;

export interface Attack {
  readonly liar: SiteRole;
  readonly mode: Mode;
  readonly user: typeof USERS[number];
  readonly json: boolean;
  readonly lies: readonly Lie[];
}

export const attacks = (modes: readonly Mode[]): fc.Arbitrary<Attack> => {
  const lies = fc.uniqueArray(lieAboutTable(TABLE_COUNT), {
    selector: ({ table }) => table,
    minLength: 1,
    maxLength: LIES,
    size: "max",
  });
  // It may well end the check, so that nobody hears the others.
  const more = fc.oneof(
    { arbitrary: fc.constant<Lie[]>([]), weight: 6 },
    { arbitrary: lieAboutSite.map((lie) => [lie]), weight: 1 },
  );
  return fc.record({
    liar: fc.constantFrom<SiteRole>("active", "active", "passive"),
    mode: fc.constantFrom(...modes),
    user: fc.constantFrom(...USERS),
    json: fc.boolean(),
    lies: fc.tuple(lies, more).map((both) => both.flat()),
  });
};

/** A way in which a lie got through. */
export interface Hole {
  readonly kind: "ran" | "sent" | "changed" | "called" | "printed" | "crashed" | "slow";
  readonly text: string;
}

/** Lets a site lie while the program runs, and says what that did at the other site. */
export async function attack(stand: Stand, { liar: from, mode, user, json, lies }: Attack): Promise<Hole[]> {
  const at: SiteRole = from === "active" ? "passive" : "active";
  const before = { active: await stand.look("active"), passive: await stand.look("passive") };
  await stand.ran(at);
  const sentBefore = stand.reached[at].statements.length;
  stand.lie(from, liar(lies, stand.tap.port));
  // The rights to drill are no business of grants.sql.
  const rights = mode === "drill" ? "all rights" : user;
  const { host, tcpPort } = stand.sites.primary;
  const settings = settingsOf({
    local: stand.endpoint("passive", rights),
    remote: stand.endpoint("active", rights),
    remoteNative: { host, port: tcpPort, secure: false },
    dns: {
      record: "clickhouse.example",
      primaryIp: "192.0.2.1",
      drIp: "192.0.2.2",
      server: { host: "127.0.0.1", port: 9 },
    },
    excludePatterns: [...settingsOf().excludePatterns, "vault.*", "default.*", ...leftAlone(lies)],
  });
  const ran = await runMode(mode, settings, json);
  stand.lie(from, (_statement, answer) => answer);
  const after = { active: await stand.look("active"), passive: await stand.look("passive") };
  const changed = changes(before[at], after[at], lies, mode, at);
  const holes: Hole[] = [
    ...(await stand.ran(at)).map((text): Hole => ({ kind: "ran", text })),
    ...changed.map((text): Hole => ({ kind: "changed", text })),
    ...stand.reached[at].statements.slice(sentBefore).filter((sql) => MARKS.test(outsideQuotes(sql)))
      .map((text): Hole => ({ kind: "sent", text })),
    ...stand.tap.heard().filter((pid) => pid === stand.sites[at === "active" ? "primary" : "dr"].server.pid)
      .map((): Hole => ({ kind: "called", text: `the ${at} site connected to the tap` })),
    // What is printed is for this site: its own words may stand in it.
    ...outputHoles(ran, json && from === "active"),
  ];
  const same = (role: SiteRole) => before[role].symmetricDifference(after[role]).size === 0;
  const own = changes(before[from], after[from], lies, mode, from);
  await stand.reset(
    changed.length > 0 || own.length > 0 || (mode === "create" && !(same("active") && same("passive"))),
  );
  return holes;
}

/** Tables that nobody lies about, for speed; the first one always counts, and the two ends of the view together. */
function leftAlone(lies: readonly Lie[]): string[] {
  const about = new Set([0, ...lies.map(({ table }) => table)]);
  if (about.has(FILLED) || about.has(FILLED - 1)) about.add(FILLED).add(FILLED - 1);
  return Array.from({ length: TABLE_COUNT }, (_, n) => n).filter((n) => !about.has(n)).map((n) => `d.t${n}`);
}

/** What is not as it was, but for what the program is there for. */
function changes(
  before: Set<string>,
  after: Set<string>,
  lies: readonly Lie[],
  mode: Mode,
  at: SiteRole,
): string[] {
  const texts = (carrier: string) =>
    lies.filter((lie) => lie.carrier === carrier).map(({ text }) => String(text));
  const databases = ["d", ...texts("database of a new table")];
  const names = texts("name of a new table");
  const repairs = at === "passive" && ["once", "create", "daemon"].includes(mode);
  const isMade = (line: string) => {
    if (mode !== "create" || at !== "passive") return false;
    if (databases.some((name) => line === `database ${name}`)) return true;
    return databases.some((database) =>
      [...names, ...lies.map(({ table }) => `fresh_t${table}`)].some((name) =>
        line.startsWith(`table ${database}.${name} = CREATE TABLE `)
      )
    ) && / ENGINE = \w*MergeTree\b/.test(outsideQuotes(line)) &&
      !MARKS.test(outsideQuotes(line.replace(/^.* = CREATE/, ""))) &&
      !/\bdisk\b/.test(outsideQuotes(line));
  };
  const count = (line: string) => Number(/^count of \S+ = (\d+)$/.exec(line)?.[1] ?? NaN);
  const isRepaired = (line: string) => {
    if (!repairs || Number.isNaN(count(line))) return false;
    const was = [...before].find((other) => other.startsWith(line.replace(/\d+$/, "")));
    return was !== undefined && count(line) >= count(was) && count(line) <= 60;
  };
  const lost = [...before.difference(after)].filter((line) =>
    !(line.startsWith("count of ") && [...after].some((now) => now.startsWith(line.replace(/\d+$/, ""))))
  );
  const made = [...after.difference(before)].filter((line) => !isMade(line) && !isRepaired(line));
  return [...lost.map((line) => `- ${line}`), ...made.map((line) => `+ ${line}`)];
}

const CRASH =
  /Cannot (?:read|set|destructure|mix|convert)|is not (?:a function|iterable|defined)|\bat \S+ \(?\S+:\d+:\d+|undefined|\[object |TypeError|RangeError|Maximum call stack|Invalid (?:time|array|string|regular)/;

function outputHoles({ code, output, log, seconds }: Ran, json: boolean): Hole[] {
  const crash = CRASH.exec(output) ?? CRASH.exec(log);
  const around = crash && crash.input.slice(Math.max(0, crash.index - 300), crash.index + 300);
  return [
    ...(crash ? [{ kind: "crashed", text: around! } as const] : []),
    ...([0, 1, 2, 3].includes(code) ? [] : [{ kind: "crashed", text: `exit code ${code}` } as const]),
    ...(seconds > PATIENCE_SECONDS ? [{ kind: "slow", text: `${seconds.toFixed(1)} s` } as const] : []),
    ...(json ? printed(output).map((text): Hole => ({ kind: "printed", text })) : []),
  ];
}

/** Statements that an operator is told to run, with a deed in them. */
function printed(output: string): string[] {
  const found: string[] = [];
  const walk = (value: unknown, name: string): void => {
    if (typeof value === "string") {
      const statement = name === "sql" ? value : /(?:To fix it here: |^here: )([^]*)$/.exec(value)?.[1] ?? "";
      if (MARKS.test(outsideQuotes(statement))) found.push(statement);
    } else if (Array.isArray(value)) value.forEach((item) => walk(item, name));
    else if (value !== null && typeof value === "object") {
      Object.entries(value).forEach(([name, item]) => walk(item, name));
    }
  };
  try {
    walk(JSON.parse(output), "");
  } catch {
    // A daemon prints none.
  }
  return found;
}

/** Modes that take a moment, and those that take seconds whatever they are told. */
export const QUICK = ["dry-run", "once", "create", "evidence", "doctor"] as const satisfies Mode[];
export const SLOW = ["daemon", "drill"] as const satisfies Mode[];

/** Throws where one of them gets through; each check hears as many as there are tables. */
export async function hostileLies(
  stand: Stand,
  lies: readonly Lie[],
  rest: Omit<Attack, "lies">,
): Promise<void> {
  for (let at = 0; at < lies.length; at += TABLE_COUNT) {
    const some = { ...rest, lies: lies.slice(at, at + TABLE_COUNT) };
    assertNone(await attack(stand, some), some.lies.map(({ carrier }) => carrier).join(", "));
  }
}

export interface HostileOptions {
  /** Tables and sites that are lied about. */
  readonly lies: number;
  readonly modes: readonly Mode[];
  readonly seed: number;
}

/** Throws with the smallest attack that got through. */
export async function hostileSites(stand: Stand, { lies, modes, seed }: HostileOptions): Promise<void> {
  const property = fc.asyncProperty(attacks(modes), async (some) => assertNone(await attack(stand, some)));
  // Half as many as there may be, on the average.
  await fc.assert(property, { numRuns: Math.ceil(2 * lies / LIES), seed });
}

function assertNone(holes: readonly Hole[], told = "the lies above"): void {
  assert.deepEqual(holes.map(({ kind, text }) => `${kind}: ${text.slice(0, 2000)}`), [], told);
}
