/** A listener on loopback that must hear nothing: who connects to it was told to by somebody else's text. */

export interface Tap extends AsyncDisposable {
  readonly port: number;
  /** Process ids of those who connected since the last call, without repeats; 0: one that is not among the suspects. */
  heard(): number[];
}

/** @param suspects process ids that may be told apart */
export function startTap(suspects: () => readonly number[]): Tap {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let heard = new Set<number>();
  const accepting = (async () => {
    for await (const connection of listener) {
      // Its owner can be found for as long as it is open.
      heard.add(ownerOf(connection.remoteAddr.port, suspects()));
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    heard() {
      const all = [...heard];
      heard = new Set();
      return all;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting.catch(() => {});
    },
  };
}

/** The process at the other end of a connection on loopback, by the socket's inode. */
function ownerOf(port: number, pids: readonly number[]): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = ["tcp", "tcp6"].flatMap((file) =>
    Deno.readTextFileSync(`/proc/net/${file}`).split("\n").map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(local)).map((fields) => `socket:[${fields[9]}]`)
  );
  return pids.find((pid) =>
    [...Deno.readDirSync(`/proc/${pid}/fd`)].some(({ name }) => {
      try {
        return inodes.includes(Deno.readLinkSync(`/proc/${pid}/fd/${name}`));
      } catch {
        return false; // closed meanwhile
      }
    })
  ) ?? 0;
}
