/**
 * `deno task test:versions`: the tests with engines of other versions, and the record of what ran, from which `deno task generate`
 * makes a table of docs/versions.md. `CH_SYNC_VERSIONS=24.8,25.8` takes some of them, and arguments some of the files: their part
 * of the record is written anew.
 */
import { RECORD, recorded, type VersionsRecord } from "./build/versions_record.ts";

const ROOT = new URL("../", import.meta.url);
const room = await Deno.makeTempDir({ prefix: "ch-sync-versions-" });
try {
  const files = Deno.args.length > 0 ? Deno.args : ["test/versions/"];
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--unstable-net", "--allow-all", `--junit-path=${room}/ran.xml`, ...files],
    cwd: ROOT.pathname,
    env: { CH_SYNC_VERSIONS: Deno.env.get("CH_SYNC_VERSIONS") ?? "all" },
    stdin: "null",
  }).spawn().status;
  const known: VersionsRecord = JSON.parse(await Deno.readTextFile(new URL(RECORD, ROOT)));
  const record = recorded(known, await Deno.readTextFile(`${room}/ran.xml`));
  await Deno.writeTextFile(new URL(RECORD, ROOT), `${JSON.stringify(record, null, 2)}\n`);
  Deno.exitCode = code;
} finally {
  await Deno.remove(room, { recursive: true });
}
