/** One ch-sync at a time on a state directory. */
import { makeParent } from "./private_file.ts";
import { StateError } from "./state_error.ts";

export type LockResult =
  | { readonly kind: "acquired"; readonly release: () => void }
  /** Words about the holder, such as `process 4711 since 2026-…`. */
  | { readonly kind: "held"; readonly by: string };

/**
 * Tries to take `ch-sync.lock` in the directory. The operating system holds the lock for the open file, so that of a
 * dead process blocks nobody. Throws a `StateError` where the file cannot be made.
 */
export async function acquireLock(directory: string, now: Date): Promise<LockResult> {
  const path = `${directory}/ch-sync.lock`;
  let file: Deno.FsFile;
  try {
    await makeParent(path);
    file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StateError(`Cannot open the lock ${path}: ${reason}; check the directory's owner and mode`);
  }
  if (!await tryLock(file)) {
    file.close();
    const by = (await Deno.readTextFile(path).catch(() => "")).trim();
    return { kind: "held", by: /^process \d+ since [\d:.TZ-]+$/.test(by) ? by : "another process" };
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`process ${Deno.pid} since ${now.toISOString()}\n`));
  return { kind: "acquired", release: () => file.close() };
}

/** Milliseconds after which a lock that does not come is held by somebody else. */
const LOCK_WAIT_MS = 300;

/** Deno before 2.9 has no `tryLock`, only a `lock` that waits. */
async function tryLock(file: Deno.FsFile): Promise<boolean> {
  if ("tryLock" in file) return await file.tryLock(true);
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), LOCK_WAIT_MS);
  const taken = await Promise.race([(file as Deno.FsFile).lock(true).then(() => true), late.promise]);
  clearTimeout(timer);
  return taken;
}
