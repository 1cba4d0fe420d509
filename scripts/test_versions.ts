/**
 * `deno task test:versions`: the tests with engines of other versions, and the record of what ran, from which `deno task generate`
 * makes a table of docs/versions.md. `CH_SYNC_VERSIONS=24.8,25.8` takes some of them, and arguments some of the files: their part
 * of the record is written anew. A file outside of test/versions knows of no versions: it is run with each at either site.
 */
import { FIELD_FILES } from "../test/support/versions/field_files.ts";
import { enginesOfThisRun } from "../test/support/versions/engines.ts";
import { temporaryDirectory } from "../test/support/temporary_directory.ts";
import {
  fileOf,
  RECORD,
  recorded,
  recordedFile,
  type Role,
  type VersionsRecord,
} from "./build/versions_record.ts";

const ROOT = new URL("../", import.meta.url);
const SITES: Readonly<Record<Role, string>> = { passive: "dr", active: "primary" };

if (Deno.env.get("CH_SYNC_VERSIONS") === undefined) Deno.env.set("CH_SYNC_VERSIONS", "all");
const files = Deno.args.length > 0 ? Deno.args : ["test/versions/", ...FIELD_FILES];
const own = files.filter((file) => file.startsWith("test/versions/"));
const others = files.filter((file) => !own.includes(file));
let failed = false;

await using room = await temporaryDirectory();

if (own.length > 0) {
  const { success, junit } = await run(own, {});
  failed ||= !success;
  await write((known) => recorded(known, junit));
}

const engines = others.length > 0 ? (await enginesOfThisRun()).works : [];
for (const { version, slow } of engines) {
  // One that starts anew for each statement would take a day.
  for (const path of slow ? [] : others) {
    for (const role of ["passive", "active"] satisfies Role[]) {
      const { junit } = await run([path], { CH_SYNC_SITE_ENGINES: `${SITES[role]}=${version}` });
      const record = await write((known) => recordedFile(known, junit, { version, role, path }));
      const [passed, of] = record[version]![fileOf(role, path)]!;
      failed ||= passed < of;
    }
  }
}
Deno.exitCode = failed ? 1 : 0;

async function run(paths: readonly string[], env: Readonly<Record<string, string>>) {
  const report = `${room.path}/ran.xml`;
  await Deno.writeTextFile(report, "");
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--unstable-net", "--allow-all", `--junit-path=${report}`, ...paths],
    cwd: ROOT.pathname,
    env,
    stdin: "null",
  }).spawn().status;
  return { success, junit: await Deno.readTextFile(report) };
}

/** After each file: whoever ends this run keeps what ran. */
async function write(change: (known: VersionsRecord) => VersionsRecord): Promise<VersionsRecord> {
  const record = change(JSON.parse(await Deno.readTextFile(new URL(RECORD, ROOT))));
  await Deno.writeTextFile(new URL(RECORD, ROOT), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}
