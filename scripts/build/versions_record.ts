/** What ran with engines of other versions, read off deno's report, and as a table. */

/** The record, in the repository. */
export const RECORD = "test/versions/record.json";

/** By what ran (a version, or a profile of today's), by file: tests that passed, of so many. */
export type VersionsRecord = Readonly<
  Record<string, Readonly<Record<string, readonly [passed: number, of: number]>>>
>;

/** The files, in the order of the table, and what each is called there. */
const COLUMNS: Readonly<Record<string, string>> = {
  main_job: "main job",
  definitions: "definitions",
  every_type: "every type",
  property: "generated tables, products",
  rolling_upgrade: "upgraded in turn",
  dotted: "databases with a dot",
  created: "tables created after it",
  dialect: "settings, grants, functions",
  late_errors: "errors with status 200",
  old_ways: "main job by profile",
};

/**
 * The record with what this run says of each version and file that it took; the rest stays.
 *
 * @param junit the report of `deno test --junit-path`
 */
export function recorded(known: VersionsRecord, junit: string): VersionsRecord {
  const ran = new Map<string, Map<string, [number, number]>>();
  const cases = junit.matchAll(
    /<testcase name="([^"]*)" classname="[^"]*?(\w+)_test\.ts"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g,
  );
  for (const [, name = "", file = "", inside = ""] of cases) {
    // Steps count as the test that they belong to.
    if (!(file in COLUMNS) || name.includes(" &gt; ")) continue;
    for (const subject of subjects(name)) {
      const files = ran.get(subject) ?? new Map<string, [number, number]>();
      const [passed, of] = files.get(file) ?? [0, 0];
      ran.set(subject, files.set(file, [passed + (/<failure|<error/.test(inside) ? 0 : 1), of + 1]));
    }
  }
  const merged = Object.keys(known).concat([...ran.keys()]);
  const sorted = [...new Set(merged)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
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

export function versionsTable(record: VersionsRecord): string {
  const files = Object.keys(COLUMNS);
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const cell = (of: VersionsRecord[string], file: string) => {
    const [passed, all] = of[file] ?? [0, 0];
    return all === 0 ? "" : passed === all ? String(all) : `${passed} of ${all}`;
  };
  return [
    row(["tests", ...files.map((file) => COLUMNS[file]!)]),
    row(["---", ...files.map(() => "---")]),
    ...Object.entries(record).map(([subject, of]) =>
      row([`\`${subject}\``, ...files.map((file) => cell(of, file))])
    ),
  ].join("\n");
}
