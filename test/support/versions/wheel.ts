/** The engine of another version, fetched once from PyPI and kept beside the engine of all tests. */
import { homedir } from "node:os";
import { needsPackage } from "../sites/debian_packages.ts";
import { onStderr } from "../sites/fetch_progress.ts";

/** What the front needs besides: the checksum and the compressions of the native protocol. */
const PIECES = ["lz4==4.4.5", "zstandard==0.25.0", "clickhouse-cityhash==1.0.2.6"];

/**
 * Folder that holds the engine and what its front needs; fetches them with pip if they are not there. Of any number of
 * processes one fetches, and the others wait.
 *
 * @throws with a sentence that says which version cannot be had, and why
 */
export async function engineFolder(
  { version, wheel }: { readonly version: string; readonly wheel: string },
): Promise<string> {
  const room = `${Deno.env.get("XDG_CACHE_HOME") || `${homedir()}/.cache`}/ch-sync-engine`;
  await Deno.mkdir(room, { recursive: true });
  const kept = `${room}/${wheel}`;
  // Whoever holds it may be killed: the kernel lets go of it then.
  using lock = await Deno.open(`${room}/lock-${version}`, { create: true, write: true });
  await lock.lock(true);
  if (await isThere(kept)) return kept;
  await needsPackage("python3", "/usr/bin/python3");
  await needsPackage("python3-pip", "/usr/bin/pip3");
  const incoming = `${room}/incoming-${version}`;
  await Deno.remove(incoming, { recursive: true }).catch(() => {});
  onStderr().say(`Fetching the engine of ClickHouse ${version} from PyPI, once: ${wheel}, kept in ${room}.`);
  const install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-cache-dir", "--no-compile"];
  const wanted = [
    "--only-binary=:all:",
    "--disable-pip-version-check",
    `--target=${incoming}`,
    wheel,
    ...PIECES,
  ];
  const { success, stderr } = await new Deno.Command("/usr/bin/python3", {
    args: [...install, ...wanted],
    stdin: "null",
  }).output();
  if (!success) {
    await Deno.remove(incoming, { recursive: true }).catch(() => {});
    throw new Error(
      `No engine of ClickHouse ${version} can be had here, so nothing was run with it: pip cannot bring ${wheel}: ` +
        lastWords(new TextDecoder().decode(stderr)),
    );
  }
  await Deno.rename(incoming, kept);
  return kept;
}

function lastWords(text: string): string {
  return text.split("\n").filter((line) => /^ERROR/.test(line)).join(" ") || text.trim().slice(-300);
}

function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
