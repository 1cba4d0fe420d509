/**
 * The ClickHouse engine that the servers of tests and demo run: fetched once, before any server starts, and kept for
 * everything that this user runs.
 */
import { homedir } from "node:os";
import { onStderr, type Progress } from "./fetch_progress.ts";
import { download, type Package } from "./npm_download.ts";

// Neither in deno.json nor in deno.lock: `deno compile` embeds every package of the lock, and this one has 543 MB.
export const ENGINE: Package = {
  name: "@chdb/lib-linux-x64-gnu",
  version: "26.7.3-stable.1",
  file: "libchdb.so",
  bytes: 177_817_999,
};

const LOOK_AGAIN_MS = 200;

export interface Fetching {
  /** Folder in which it is kept; default: `ch-sync-engine` in this user's cache. */
  readonly room?: string;
  /** More environment for npm. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly progress?: Progress;
  /** Gives up, and leaves nothing half done. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the engine's library is; fetches it if it is not there, however long that takes. Of any number of processes
 * one fetches, and the others wait for it.
 *
 * @returns path of the library
 * @throws with a sentence for whoever runs tests or demo, if it cannot be had
 */
export async function engineLibrary(fetching: Fetching = {}): Promise<string> {
  const { room = defaultRoom(), environment = {}, progress = onStderr(), signal } = fetching;
  const kept = `${room}/${ENGINE.version}/${ENGINE.file}`;
  if (await exists(kept)) return kept;
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
    throw new Error(
      `The embedded ClickHouse of tests and demo runs on Linux (x86-64, glibc) only; this is ${Deno.build.target}`,
    );
  }
  await Deno.mkdir(room, { recursive: true }).catch((error) => {
    throw new Error(
      `Cannot make ${room} for the ClickHouse engine: ${error.message}. Set XDG_CACHE_HOME to a folder that can be written`,
    );
  });
  // Whoever holds it may be killed: the kernel lets go of it then.
  using lock = await Deno.open(`${room}/lock`, { create: true, write: true });
  for (let waiting = false; !await lock.tryLock(true); waiting = true) {
    if (!waiting) progress.say("The ClickHouse engine is being fetched already; waiting for that.");
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    signal?.throwIfAborted();
  }
  if (await exists(kept)) return kept;
  await removeLeftovers(room);
  const incoming = await Deno.makeTempDir({ dir: room, prefix: "incoming-" });
  try {
    progress.say(
      `Fetching the ClickHouse engine that tests and demo run, once: ${
        Math.round(ENGINE.bytes / 1e6)
      } MB from the npm registry, kept in ${room}.`,
    );
    const library = await download(ENGINE, incoming, { environment, progress, signal });
    // On disk before it has its name: after a power failure, what has the name is whole.
    using file = await Deno.open(library, { write: true });
    await file.sync();
    await Deno.mkdir(`${room}/${ENGINE.version}`, { recursive: true });
    await Deno.rename(library, kept);
    return kept;
  } finally {
    await Deno.remove(incoming, { recursive: true });
  }
}

function defaultRoom(): string {
  return `${Deno.env.get("XDG_CACHE_HOME") || `${homedir()}/.cache`}/ch-sync-engine`;
}

/** What somebody was fetching who was killed. */
async function removeLeftovers(room: string): Promise<void> {
  for await (const { name } of Deno.readDir(room)) {
    if (name.startsWith("incoming-")) await Deno.remove(`${room}/${name}`, { recursive: true });
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
