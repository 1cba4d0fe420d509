/** One address behind which several servers stand, as a balancer has it: every connection goes to the next of them. */

export interface Balancer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Connections so far. */
  readonly connections: number;
}

/** Listens on a free port and passes connections on to `ports` by turns, all on 127.0.0.1. */
export function startBalancer(ports: readonly number[]): Balancer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const passing = new Set<Promise<void>>();
  let connections = 0;
  async function pass(near: Deno.Conn, port: number): Promise<void> {
    open.add(near);
    try {
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      open.add(far);
      await Promise.allSettled([near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)]);
      open.delete(far);
    } catch {
      // Nobody listens there.
    } finally {
      open.delete(near);
      hangUp(near);
    }
  }
  const accepting = (async () => {
    for await (const near of listener) {
      const one = pass(near, ports[connections++ % ports.length]!).finally(() => passing.delete(one));
      passing.add(one);
    }
  })();
  const { port } = listener.addr;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) hangUp(connection);
      await accepting;
      await Promise.all(passing);
    },
  };
}

function hangUp(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}
