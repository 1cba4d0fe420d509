/** What ran with engines of other versions, read off deno's report, and as a table. */
import { ENGINES } from "../../test/support/versions/engines.ts";
import { ABOUT_RIGHTS, FIELD_FILES } from "../../test/support/versions/field_files.ts";
import { NOT_TAKEN } from "../../test/support/versions/not_taken.ts";

/** The record, in the repository. */
export const RECORD = "test/versions/record.json";

/** Tests that passed, of so many, and the sources that they ran on: day and name of the commit, `+` where it was changed since. */
export type Ran = readonly [passed: number, of: number, sources: string];

/**
 * By what ran (a version, or a profile of today's), by file. A file that knows of no versions is recorded by the site that was
 * of this one: `passive: check/views/views`.
 */
export type VersionsRecord = Readonly<Record<string, Readonly<Record<string, Ran>>>>;

/** What a site of another version was in a test that knows of none. */
export type Role = "passive" | "active";

/** The files, in the order of the table, and what each is called there. */
const COLUMNS: Readonly<Record<string, string>> = {
  main_job: "main job",
  pairs: "two old ones, with profiles",
  definitions: "definitions",
  every_type: "every type",
  property: "generated tables",
  rolling_upgrade: "upgraded in turn",
  dotted: "databases with a dot",
  created: "tables created after it",
  zeros: "0 and -0",
  shards: "several shards",
  dialect: "settings, grants, functions",
  late_errors: "errors with status 200",
};

/** The files that are not for every version, with those for which they are. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  pairs: ["23.10", "24.8", "25.8"],
  shards: ["24.8", "25.5", "25.8", "26.3", "26.9"],
};

/** The files with tests of versions that ch-sync does not work with. */
const REFUSED: readonly string[] = ["main_job", "dialect"];

const ROLES: Readonly<Record<Role, string>> = {
  passive: "other tests, as the passive site",
  active: "as the active site",
};

/** The file whose tests are about profiles of today's engine. */
const OLD_WAYS = "old_ways";

/** Whether this file of test/versions has tests with this version. */
function isFor(file: string, version: string): boolean {
  const refused = ENGINES.some((engine) => engine.version === version && engine.refused);
  return refused ? REFUSED.includes(file) : ONLY[file]?.includes(version) ?? true;
}

/** Whether the file was not run with one of these versions that it is for, or did not pass with it. */
export function lacksOf(record: VersionsRecord, versions: readonly string[], file: string): boolean {
  const profiles = Object.keys(record).filter((subject) => subject.includes(","));
  const subjects = file === OLD_WAYS ? profiles : versions.filter((version) => isFor(file, version));
  const passed = (subject: string) => {
    const [passed, of] = record[subject]?.[file] ?? [0, 1];
    return passed === of;
  };
  return (file === OLD_WAYS && profiles.length === 0) || !subjects.every(passed);
}

/**
 * The record with what this run says of each version and file that it took; the rest stays.
 *
 * @param junit the report of `deno test --junit-path`
 * @param sources that it ran on
 */
export function recorded(known: VersionsRecord, junit: string, sources: string): VersionsRecord {
  const ran = new Map<string, Map<string, Ran>>();
  for (const { name, file, inside } of testcases(junit)) {
    // Steps count as the test that they belong to.
    if (!(file in COLUMNS || file === OLD_WAYS) || name.includes(STEP)) continue;
    for (const subject of subjects(name)) {
      const files = ran.get(subject) ?? new Map<string, Ran>();
      const [passed, of] = files.get(file) ?? [0, 0];
      ran.set(subject, files.set(file, [passed + (failed(inside) ? 0 : 1), of + 1, sources]));
    }
  }
  return merged(known, ran);
}

/**
 * The same of a file that knows of no versions, run with a site of this one. Its steps count, where a test has them; those of
 * which this version does not take a statement are left out. A run that told of no test is one that failed.
 *
 * @param path of the file, below the root
 */
export function recordedFile(
  known: VersionsRecord,
  junit: string,
  { version, role, path, sources }: {
    readonly version: string;
    readonly role: Role;
    readonly path: string;
    readonly sources: string;
  },
): VersionsRecord {
  const all = testcases(junit);
  const leaves = all.filter(({ name }) => !all.some((other) => other.name.startsWith(`${name}${STEP}`)));
  const taken = leaves.filter(({ name, inside }) =>
    !name.startsWith(SEED_TEST) && !inside.includes(NOT_TAKEN) &&
    !ABOUT_RIGHTS.some((one) => name.endsWith(one))
  );
  const passed = taken.filter(({ inside }) => !failed(inside)).length;
  const of = all.length === 0 ? 1 : taken.length;
  return merged(known, new Map([[version, new Map([[fileOf(role, path), [passed, of, sources]]])]]));
}

/** By what a file is recorded that knows of no versions. */
export function fileOf(role: Role, path: string): string {
  return `${role}: ${path.replace(/^(?:\.\/)?test\//, "").replace(/_test\.ts$/, "")}`;
}

const STEP = " &gt; ";
const SEED_TEST = "whatever is generated here begins with";

function testcases(junit: string) {
  return [...junit.matchAll(
    /<testcase name="([^"]*)" classname="[^"]*?(\w+)_test\.ts"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g,
  )].map(([, name = "", file = "", inside = ""]) => ({ name, file, inside }));
}

function failed(inside: string): boolean {
  return /<failure|<error/.test(inside);
}

function merged(
  known: VersionsRecord,
  ran: ReadonlyMap<string, ReadonlyMap<string, Ran>>,
): VersionsRecord {
  const all = Object.keys(known).concat([...ran.keys()]);
  const sorted = [...new Set(all)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map((subject) => [
    subject,
    { ...known[subject], ...Object.fromEntries(ran.get(subject) ?? []) },
  ]));
}

/** The versions that a test names; a profile of today's engine, where it names one. */
function subjects(name: string): readonly string[] {
  const profile = /with (enable_analyzer|compatibility) = (\S+)/.exec(name);
  if (profile) return [`26.7, ${profile[1]} = ${profile[2]}`];
  return [...new Set(name.match(/\b2\d\.\d{1,2}\b/g) ?? [])];
}

function rank(subject: string): number {
  const [year = 0, month = 0] = subject.split(",")[0]!.split(".").map(Number);
  return year * 100 + month;
}

/** Two tables: of versions, and of profiles. What never ran is said not to have run. */
export function versionsTable(record: VersionsRecord): string {
  const all = Object.entries(record);
  const versions = all.filter(([subject]) => !subject.includes(","));
  const profiles = all.filter(([subject]) => subject.includes(","));
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
    [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
  const files = Object.keys(COLUMNS);
  const roles = Object.keys(ROLES) as Role[];
  return [
    table(
      ["tests", ...files.map((file) => COLUMNS[file]!), ...roles.map((role) => ROLES[role]), "since"],
      versions.map(([subject, of]) => [
        `\`${subject}\``,
        ...files.map((file) => isFor(file, subject) ? counted([of[file]]) : "–"),
        ...roles.map((role) =>
          isFor(role, subject) ? counted(FIELD_FILES.map((path) => of[fileOf(role, path)])) : "–"
        ),
        since(Object.values(of)),
      ]),
    ),
    table(
      ["profile", "main job", "since"],
      profiles.map(([subject, of]) => [
        `\`${subject}\``,
        counted([of[OLD_WAYS]]),
        since(Object.values(of)),
      ]),
    ),
  ].join("\n\n");
}

function counted(files: readonly (Ran | undefined)[]): string {
  const ran = files.filter((one) => one !== undefined);
  const [passed, all] = [0, 1].map((at) => ran.reduce((sum, one) => sum + Number(one[at]), 0)) as [
    number,
    number,
  ];
  if (all === 0) return "not run";
  const some = ran.length < files.length ? ` (${ran.length} of ${files.length} files)` : "";
  return (passed === all ? String(all) : `${passed} of ${all}`) + some;
}

/** The day of the oldest sources of which something is recorded. */
function since(ran: readonly Ran[]): string {
  return ran.map(([, , sources]) => sources).sort()[0]?.split(" ")[0] ?? "";
}
