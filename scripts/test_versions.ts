/**
 * `deno task test:versions`: the tests with engines of other versions, and the record of what ran, from which `deno task generate`
 * makes a table of docs/versions.md. `CH_SYNC_VERSIONS=24.8,25.8` takes some of them, and arguments some of the files: their part
 * of the record is written anew; with `--missing` only what the record lacks, or what failed. A file outside of test/versions
 * knows of no versions: it is run with each at either site.
 */
import { FIELD_FILES, SLOW_FIELD_FILES } from "../test/support/versions/field_files.ts";
import { enginesOfThisRun } from "../test/support/versions/engines.ts";
import { temporaryDirectory } from "../test/support/temporary_directory.ts";
import {
  fileOf,
  lacksOf,
  RECORD,
  recorded,
  recordedFile,
  type Role,
  type VersionsRecord,
} from "./build/versions_record.ts";

const ROOT = new URL("../", import.meta.url);
const OWN = "test/versions/";
const SITES: Readonly<Record<Role, string>> = { passive: "dr", active: "primary" };

if (Deno.env.get("CH_SYNC_VERSIONS") === undefined) Deno.env.set("CH_SYNC_VERSIONS", "all");
const missing = Deno.args.includes("--missing");
const named = Deno.args.filter((one) => one !== "--missing");
const files = named.length > 0 ? named : [...ownFiles(), ...FIELD_FILES];
const { works, refused } = await enginesOfThisRun();
const sources = await sourcesOfThisRun();
let failed = false;

await using room = await temporaryDirectory();

for (const path of files.filter((file) => file.startsWith(OWN))) {
  const file = path.slice(OWN.length).replace(/_test\.ts$/, "");
  if (missing && !lacksOf(await read(), [...works, ...refused].map(({ version }) => version), file)) continue;
  const { success, junit } = await run(path, {});
  failed ||= !success;
  await write(recorded(await read(), junit, sources));
}

const others = files.filter((file) => !file.startsWith(OWN));
for (const { version, slow } of works) {
  for (const path of slow && named.length === 0 ? SLOW_FIELD_FILES : others) {
    for (const role of ["passive", "active"] satisfies Role[]) {
      const file = fileOf(role, path);
      if (missing && !lacksOf(await read(), [version], file)) continue;
      // The long form of what they generate: this is run for versions, not for each change.
      const { junit } = await run(path, {
        CH_SYNC_LONG: "true",
        CH_SYNC_SITE_ENGINES: `${SITES[role]}=${version}`,
      });
      const record = recordedFile(await read(), junit, { version, role, path, sources });
      await write(record);
      failed ||= lacksOf(record, [version], file);
    }
  }
}
Deno.exitCode = failed ? 1 : 0;

function ownFiles(): readonly string[] {
  return [...Deno.readDirSync(new URL(OWN, ROOT))].map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts")).sort().map((name) => OWN + name);
}

async function run(path: string, env: Readonly<Record<string, string>>) {
  const report = `${room.path}/ran.xml`;
  await Deno.writeTextFile(report, "");
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--unstable-net", "--allow-all", `--junit-path=${report}`, path],
    cwd: ROOT.pathname,
    env,
    stdin: "null",
  }).spawn().status;
  return { success, junit: await Deno.readTextFile(report) };
}

/** The commit, by its day and name, and whether it was changed since; the day alone where there is no repository. */
async function sourcesOfThisRun(): Promise<string> {
  const commit = await git("log", "-1", "--format=%cs %h");
  if (commit === null) return new Date().toISOString().slice(0, 10);
  return commit + (await git("status", "--porcelain", "src") ? "+" : "");
}

async function git(...args: readonly string[]): Promise<string | null> {
  const { success, stdout } = await new Deno.Command("git", { args: [...args], cwd: ROOT.pathname }).output()
    .catch(() => ({ success: false, stdout: new Uint8Array() }));
  return success ? new TextDecoder().decode(stdout).trim() : null;
}

async function read(): Promise<VersionsRecord> {
  return JSON.parse(await Deno.readTextFile(new URL(RECORD, ROOT)));
}

/** After each file: whoever ends this run keeps what ran. */
async function write(record: VersionsRecord): Promise<void> {
  await Deno.writeTextFile(new URL(RECORD, ROOT), `${JSON.stringify(record, null, 2)}\n`);
}
