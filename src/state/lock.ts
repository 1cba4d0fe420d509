/** Only one ch-sync at a time uses a state directory. */
import { makeParent, openOwn, readOwn, StateError, writeAll } from "../files/private_file.ts";

export type LockResult =
  | { readonly kind: "acquired"; readonly release: () => void }
  /** `by`: the holder, such as `process 4711 since 2026-…`. */
  | { readonly kind: "held"; readonly by: string };

/**
 * Tries to take `ch-sync.lock` in the directory. The operating system ties the lock to the open file, so a dead process
 * blocks nobody. Throws a `StateError` if the file cannot be made.
 */
export async function acquireLock(directory: string, now: Date): Promise<LockResult> {
  const path = `${directory}/ch-sync.lock`;
  const failed = (what: string) => (error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StateError(`Cannot ${what} the lock ${path}: ${reason}; check its owner, mode and free space`);
  };
  const options = { create: true, read: true, write: true, mode: 0o600 };
  const file = await makeParent(path).then(() => openOwn(path, options)).catch(failed("open"));
  if (!await tryLock(file)) {
    file.close();
    const by = new TextDecoder().decode(await readOwn(path).catch(() => new Uint8Array())).trim();
    return { kind: "held", by: /^process \d+ since [\d:.TZ-]+$/.test(by) ? by : "another process" };
  }
  try {
    await file.truncate();
    await writeAll(file, `process ${Deno.pid} since ${now.toISOString()}\n`);
  } catch (error) {
    file.close();
    failed("write")(error);
  }
  return { kind: "acquired", release: () => file.close() };
}

/** Milliseconds after which a lock that was not granted counts as held by somebody else. */
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
