/**
 * The one file on a bare system: read-only root, no HOME, no Deno and no npm. Run on what `CH_SYNC_PROGRAM` names, or
 * on a self-extracting file made here.
 */
import assert from "node:assert/strict";
import { RUNTIME_FLAGS } from "../../scripts/build/runtime.ts";
import { environmentOf, type Finished } from "../support/program/ch_sync.ts";
import { content, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Makes the self-extracting file that is tested where no other one is given. */
async function theFile(folder: string): Promise<string> {
  const given = Deno.env.get("CH_SYNC_PROGRAM");
  const file = `${folder}/ch-sync`;
  if (given) {
    await Deno.copyFile(given, file);
    return file;
  }
  const args = ["task", "--quiet", "compile", "--self-extracting", "--output", file];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return file;
}

/**
 * A mount namespace in which everything is read-only but one folder, and homes and places of other software are empty.
 * The program is started in the folder, with nothing in its environment but what is given.
 */
const BARE = `
set -eu
mount --make-rprivate /
folder=$1; shift
mkdir -p /run/ch-sync-bare
mount --bind "$folder" /run/ch-sync-bare
for place in /root /home /opt /usr/local /srv; do mount -t tmpfs -o ro none "$place"; done
mount -o remount,bind,ro /
for place in /tmp /var /dev/shm; do mount --bind "$place" "$place"; mount -o remount,bind,ro "$place"; done
cd /run/ch-sync-bare
exec env -i "$@"
`;

function startBare(folder: string, environment: Record<string, string>, args: readonly string[]) {
  const variables = Object.entries({ PATH: "/usr/bin:/bin", ...environment }).map(([name, value]) =>
    `${name}=${value}`
  );
  return new Deno.Command("unshare", {
    args: [
      Deno.uid() === 0 ? "-m" : "-rm",
      "sh",
      "-c",
      BARE,
      "sh",
      folder,
      ...variables,
      "./ch-sync",
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function finish(child: Deno.ChildProcess): Promise<Finished> {
  const [stdout, stderr, { code }] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.status,
  ]);
  return { code, stdout, stderr };
}

Deno.test("one file is all that a bare system needs", async (t) => {
  await using directory = await temporaryDirectory();
  const folder = directory.path;
  const file = await theFile(folder);
  const selfExtracting = (await Deno.readFile(file)).slice(0, 2).every((byte, index) =>
    byte === "#!".charCodeAt(index)
  );
  // Of all folders a self-extracting file may only write where the state may be written.
  const cache: Record<string, string> = selfExtracting ? { XDG_CACHE_HOME: "/run/ch-sync-bare/cache" } : {};
  const run = (environment: Record<string, string>, ...args: string[]) =>
    finish(startBare(folder, { ...cache, ...environment }, args));

  await t.step("--version and --help", async () => {
    const version = await run({}, "--version");
    assert.deepEqual([version.code, version.stderr], [0, ""]);
    assert.match(
      version.stdout,
      /^ch-sync \d+\.\d+\.\d+ \(commit ([0-9a-f]{12}(-dirty)?|unknown), 20\d\d-\d\d-\d\d\)\n$/,
    );
    assert.match((await run({}, "--help")).stdout, /^Usage: ch-sync/m);
  });

  await t.step("the plan, the repair, the daemon", async () => {
    await using sites = await startTwoSites();
    await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
    await load(sites.primary, "d.t", "2026-01-01", 1000);
    const environment = environmentOf("dr", sites.dr, sites.primary);
    assert.equal((await run(environment, "--dry-run")).code, 3);
    const once = await run(environment, "--once");
    assert.deepEqual([once.code, once.stderr.includes("error")], [0, false], once.stderr);
    assert.equal(await content(sites.dr, "d.t"), await content(sites.primary, "d.t"));
    assert.equal((await run(environment, "--status")).code, 0);
    const daemon = startBare(folder, { ...cache, ...environment }, []);
    const stdout = daemon.stdout.text();
    const clean = /All tables in sync \(clean check #2\)/;
    let [stderr, told] = ["", false];
    for await (const text of daemon.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      if (!told && clean.test(stderr)) {
        daemon.kill("SIGTERM");
        told = true;
      }
    }
    assert.equal((await daemon.status).code, 0, stderr);
    assert.equal(await stdout, "");
    assert.ok(told, stderr);
  });

  await t.step("it writes where it was told to, and nowhere else", () => {
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(left, [...selfExtracting ? ["cache"] : [], "ch-sync", "data"]);
  });

  if (selfExtracting) {
    await t.step("no folder to unpack into: it says what to set", async () => {
      const { code, stderr } = await finish(startBare(folder, {}, ["--version"]));
      assert.equal(code, 1);
      assert.match(stderr, /^ch-sync: found no folder to unpack into: set XDG_CACHE_HOME to one that/);
    });
  }
});

Deno.test("a binary may do what the program needs, and nothing else", () => {
  const permissions = RUNTIME_FLAGS.filter((flag) => flag.startsWith("--allow"));
  assert.deepEqual(permissions, ["--allow-net", "--allow-env", "--allow-read", "--allow-write"]);
});
