/** The socket in the state directory by which verbs reach the daemon. Whoever may write to the directory may ask. */
import { makeParent, removeIfThere } from "../files/private_file.ts";
import type { Answer, Request } from "../model/control.ts";
import { readLine, writeLine } from "./line.ts";
import { parseRequest } from "./parse_request.ts";
import { socketIn } from "./socket_path.ts";

/** Bytes of a request. */
const LONGEST = 8 * 1024 * 1024;
/** Milliseconds that a request may take to arrive. */
const ARRIVAL_MS = 5000;
/** Milliseconds after which it is tried again where nobody could be let in. */
const AGAIN_MS = 1000;
/** Permission of the group and of others to write: who may write to a socket may ask. */
const OTHERS_WRITE = 0o022;
/** Requests at a time: each is an operator's. */
const MOST = 16;

/** Answers a request, however long that takes; must not throw. `gone` aborts when nobody waits for the answer any more. */
export type Obey = (request: Request, gone: AbortSignal) => Promise<Answer>;

/**
 * Listens from now on. Only for the holder of the lock: what lies in the socket's place was left by a dead process.
 *
 * @throws if there can be no socket there
 */
export async function listenForVerbs(directory: string, obey: Obey): Promise<AsyncDisposable> {
  const path = socketIn(directory);
  const listener = await bind(directory, path);
  const open = new Set<Deno.Conn>();
  const accepting = (async () => {
    for (;;) {
      const connection = await next(listener);
      if (connection === null) return;
      if (open.size >= MOST) {
        connection.close();
        continue;
      }
      open.add(connection);
      void serve(connection, obey).finally(() => {
        open.delete(connection);
        close(connection);
      });
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const connection of open) close(connection);
      await Deno.remove(path).catch(() => {});
    },
  };
}

/** The next one that asks; null: the listener is closed. */
async function next(listener: Deno.Listener<Deno.UnixConn>): Promise<Deno.UnixConn | null> {
  for (;;) {
    try {
      return await listener.accept();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return null;
      // No file may be open any more, say: that passes, and verbs are wanted most on such a night.
      await new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, AGAIN_MS)));
    }
  }
}

/** For its owner alone from the first moment on: it is made in a directory that nobody else may enter, and moved then. */
async function bind(directory: string, path: string): Promise<Deno.Listener<Deno.UnixConn>> {
  await makeParent(path);
  const room = `${directory}/.ch-sync`;
  // A crash in between may have left one.
  await Deno.remove(room, { recursive: true }).catch(() => {});
  await Deno.mkdir(room, { mode: 0o700 });
  try {
    const listener = Deno.listen({ transport: "unix", path: `${room}/s` });
    try {
      await shut(directory, room);
      await removeIfThere(path);
      await Deno.rename(`${room}/s`, path);
      return listener;
    } catch (error) {
      listener.close();
      throw error;
    }
  } finally {
    await Deno.remove(room, { recursive: true });
  }
}

/**
 * Whoever may move things in the directory could put a link in the socket's place, and a mode goes to what a link leads to, which
 * root can change: there the socket stays as it was made, which is closed unless the umask says otherwise.
 *
 * @throws if others could ask by it
 */
async function shut(directory: string, room: string): Promise<void> {
  const socket = `${room}/s`;
  const [around, own, made] = [await Deno.stat(directory), await ownFile(room), await Deno.lstat(socket)];
  if (around.uid === own.uid && (around.mode! & OTHERS_WRITE) === 0) return await Deno.chmod(socket, 0o600);
  if ((made.mode! & OTHERS_WRITE) === 0) return;
  throw new Error(
    "others may write to what is made there: start it with a umask of 077, or give it a directory of its own",
  );
}

/** What a file of this process is like. By its handle: a path may lead to somebody else's by now. */
async function ownFile(room: string): Promise<Deno.FileInfo> {
  using file = await Deno.open(`${room}/own`, { write: true, createNew: true, mode: 0o600 });
  return await file.stat();
}

/** Nothing here ends the daemon: who hangs up gets no answer. */
async function serve(connection: Deno.Conn, obey: Obey): Promise<void> {
  const late = setTimeout(() => close(connection), ARRIVAL_MS);
  const gone = new AbortController();
  try {
    const line = await readLine(connection, LONGEST).finally(() => clearTimeout(late));
    const request = parseRequest(line);
    const unknown: Answer = {
      code: 1,
      lines: ["The daemon does not know this verb: is it of another version? Restart it"],
    };
    void ended(connection).then(() => gone.abort());
    await writeLine(connection, request === null ? unknown : await obey(request, gone.signal));
  } catch {
    // Whoever asked is gone.
  }
}

/** Returns when the other end, or this one, closes the connection. */
async function ended(connection: Deno.Conn): Promise<void> {
  const chunk = new Uint8Array(1024);
  try {
    while (await connection.read(chunk) !== null);
  } catch {
    // It broke.
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
