/**
 * A large package by npm itself, which knows the registry, proxy, certificates and logins of this machine and holds
 * what comes against the registry's hash. Npm has no progress to show and gives up when a link breaks: both are here.
 */
import type { Progress } from "./fetch_progress.ts";

export interface Package {
  readonly name: string;
  readonly version: string;
  /** The one file of it that is wanted. */
  readonly file: string;
  /** Of the archive that travels. */
  readonly bytes: number;
}

export interface Downloading {
  /** More environment for npm. */
  readonly environment: Readonly<Record<string, string>>;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

const ATTEMPTS = 4;
const PAUSE_MS = 2000;
const TICK_MS = 250;
/** For so long nothing may come before the link counts as broken: npm itself would wait for ever. */
const STALLED_MS = 60_000;

/** What the next attempt would only meet again. */
const HOPELESS = /\b(E40\d|EINTEGRITY|ETARGET|ENOVERSIONS|EBADPLATFORM|ENOSPC|EACCES|EPERM|EROFS|EDQUOT)\b/;

/**
 * Runs a command that ends when this process does, however it ends: stdin closes then. Descriptor 3 is that stdin,
 * as the shell gives what runs in the background another one. SIGKILL, as npm outlives a first SIGTERM; what it leaves
 * is in its own folder.
 */
const TIED = `exec 3<&0
"$@" </dev/null 3<&- & command=$!
{ read -r _ <&3; kill -KILL "$command"; } 2>/dev/null & watch=$!
wait "$command"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

/**
 * Downloads and unpacks a package into `folder`, and tries again when that breaks off. There is no deadline.
 *
 * @returns path of the wanted file, in `folder`
 * @throws with a sentence that holds what npm said; what the signal was aborted with
 */
export async function download(wanted: Package, folder: string, downloading: Downloading): Promise<string> {
  const client = await hasNpm() ? npm : deno;
  if (client === deno) downloading.progress.say("Without npm, nothing tells how much of it has come.");
  for (let attempt = 1;; attempt++) {
    const into = `${folder}/${attempt}`;
    await Deno.mkdir(into);
    const trouble = await attemptOnce(client(wanted, into), wanted, into, downloading);
    for await (const path of filesUnder(into)) {
      if (trouble === null && path.endsWith(`/${wanted.file}`)) return path;
    }
    const reason = trouble ?? `the package has no ${wanted.file}`;
    if (attempt === ATTEMPTS || trouble === null || HOPELESS.test(trouble)) {
      throw new Error(
        `Cannot fetch ${wanted.name} ${wanted.version} from npm's registry into ${folder}: ${reason}. ` +
          "See to the way to the registry (`npm config get registry`) and to the space there, and run the same " +
          "command again",
      );
    }
    downloading.progress.say(
      `The download broke off: ${reason}. Trying again (${attempt + 1} of ${ATTEMPTS}).`,
    );
    await Deno.remove(into, { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    downloading.signal?.throwIfAborted();
  }
}

interface Client {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Folder that grows as bytes come; null: nothing tells how much has come. */
  readonly cache: string | null;
}

function npm({ name, version }: Package, into: string): Client {
  const cache = `${into}/cache`;
  const command = ["npm", "install", `${name}@${version}`, `--prefix=${into}/unpacked`, `--cache=${cache}`];
  command.push(
    "--global=false",
    "--ignore-scripts",
    "--no-save",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
  );
  // Of its own, it would wait for a minute in silence before it tries again.
  command.push("--no-progress", "--no-update-notifier", "--loglevel=error", "--fetch-retries=0");
  return { command, environment: {}, cache };
}

/** For a machine that has Deno alone. Deno reads `.npmrc`, and the registry in capitals only. */
function deno({ name, version }: Package, into: string): Client {
  const registry = Deno.env.get("NPM_CONFIG_REGISTRY") ?? Deno.env.get("npm_config_registry");
  return {
    command: [Deno.execPath(), "cache", "--quiet", "--no-config", "--no-lock", `npm:${name}@${version}`],
    environment: { DENO_DIR: into, ...registry ? { NPM_CONFIG_REGISTRY: registry } : {} },
    cache: null,
  };
}

async function hasNpm(): Promise<boolean> {
  try {
    return (await new Deno.Command("npm", { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

/** @returns what went wrong; null: nothing */
async function attemptOnce(
  { command, environment, cache }: Client,
  { bytes }: Package,
  into: string,
  downloading: Downloading,
): Promise<string | null> {
  const { progress, signal } = downloading;
  signal?.throwIfAborted();
  const child = new Deno.Command("sh", {
    args: ["-c", TIED, "sh", ...command],
    cwd: into,
    env: { ...environment, ...downloading.environment, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const complaints = child.stderr.text();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  const seen = { bytes: 0, at: performance.now() };
  let stalled = false;
  while (!ended && !signal?.aborted && !stalled) {
    await Promise.race([status, new Promise((resolve) => setTimeout(resolve, TICK_MS))]);
    if (cache === null) continue;
    const [come, all] = [await bytesUnder(cache), await bytesUnder(into)];
    if (all !== seen.bytes) Object.assign(seen, { bytes: all, at: performance.now() });
    stalled = performance.now() - seen.at > STALLED_MS;
    if (come > 0 && !ended) progress.bytes(Math.min(come, bytes), bytes);
  }
  await child.stdin.close().catch(() => {});
  const { success } = await status;
  const text = await complaints;
  signal?.throwIfAborted();
  if (success) {
    progress.bytes(bytes, bytes);
    return null;
  }
  return stalled ? `nothing came for ${STALLED_MS / 1000} s` : essence(text);
}

/** What npm says of an error, without its marks and its advice. */
function essence(complaints: string): string {
  const lines = complaints.split("\n")
    .map((line) => line.replace(/^(npm (error|ERR!)|error:)\s*/, "").trim())
    .filter((line) => line !== "" && !/^(npm|syscall|errno|at|A complete log) |_logs\//.test(line));
  return lines.slice(0, 2).join("; ").replace(/\.$/, "") || "it ended without a word";
}

async function bytesUnder(folder: string): Promise<number> {
  let sum = 0;
  for await (const path of filesUnder(folder)) {
    sum += await Deno.lstat(path).then(({ size }) => size, () => 0);
  }
  return sum;
}

/** Files come and go while they are looked at. */
async function* filesUnder(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) yield* filesUnder(`${folder}/${name}`);
      else yield `${folder}/${name}`;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
