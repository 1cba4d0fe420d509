/** Which tests need what: each test file is of one kind, by the folder that it is in and by what it imports. */

const ROOT = new URL("../../", import.meta.url);

/**
 * - `unit`: needs neither servers nor the program: done within a minute, and nothing is fetched.
 * - `sites`: needs ClickHouse servers.
 * - `e2e`: runs ch-sync as a process, builds it, or kills what it is doing.
 */
export const TEST_KINDS = ["unit", "sites", "e2e"] as const;
export type TestKind = typeof TEST_KINDS[number];

/** Folders all of whose tests are about processes. */
const OF_PROCESSES = /^test\/(?:e2e|faults|scripts)\//;
/** What starts the program, and what brings the servers' engine: whoever imports it, however far round, needs it. */
const PROGRAM = "test/support/program/ch_sync.ts";
const ENGINE = "test/support/sites/engine.ts";

/** Test files of one kind, as paths below the root of the repository, in order. */
export function testFiles(kind: TestKind): string[] {
  const walk = (folder: string): string[] =>
    [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
      isDirectory ? walk(`${folder}${name}/`) : isTest(name) ? [`${folder}${name}`] : []
    );
  return walk("test/").filter((path) => kindOf(path) === kind).sort();
}

/** Deno's own rule. */
function isTest(name: string): boolean {
  return /(?:^|[._])test\.[mc]?[jt]sx?$/.test(name);
}

/** @param path below the root of the repository */
export function kindOf(path: string): TestKind {
  const all = reach(path);
  if (OF_PROCESSES.test(path) || all.has(PROGRAM)) return "e2e";
  return all.has(ENGINE) ? "sites" : "unit";
}

/** The file and every file of the repository that it imports, however far round. */
function reach(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const target of importsOf(path)) reach(target, seen);
  return seen;
}

const known = new Map<string, readonly string[]>();

function importsOf(path: string): readonly string[] {
  let found = known.get(path);
  if (found === undefined) {
    const text = Deno.readTextFileSync(new URL(path, ROOT));
    found = [...text.matchAll(/^(?:import|export)\b[^;"]*?"(\.[^"]+\.ts)"|\bimport\(\s*"(\.[^"]+\.ts)"/gm)]
      .map(([, named, loaded]) => new URL((named ?? loaded)!, new URL(path, ROOT)))
      .map(({ pathname }) => pathname.slice(ROOT.pathname.length));
    known.set(path, found);
  }
  return found;
}
