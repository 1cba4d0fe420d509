/** TLS in front of a server that speaks none: the embedded ClickHouse has no TLS listeners. */
import { hangUp } from "./hang_up.ts";
import type { Certificate } from "../sites/certificates.ts";

export interface TlsRelay extends AsyncDisposable {
  readonly port: number;
  /** Connections that got through the handshake. */
  passed: number;
}

/** Listens on a free port of 127.0.0.1 and passes what it decrypts on to `port` there. */
export function startTlsRelay({ cert, key }: Certificate, port: number): TlsRelay {
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const open = new Set<Deno.Conn>();
  const passing = new Set<Promise<void>>();
  async function pass(near: Deno.TlsConn): Promise<void> {
    open.add(near);
    try {
      await near.handshake();
      relay.passed++;
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      open.add(far);
      await Promise.allSettled([near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)]);
      open.delete(far);
    } catch {
      // A client that refuses the certificate hangs up.
    } finally {
      open.delete(near);
      hangUp(near);
    }
  }
  const relay: TlsRelay = {
    port: (listener.addr as Deno.NetAddr).port,
    passed: 0,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) hangUp(connection);
      await accepting;
      await Promise.all(passing);
    },
  };
  const accepting = (async () => {
    for (;;) {
      try {
        const one = pass(await listener.accept()).finally(() => passing.delete(one));
        passing.add(one);
      } catch {
        return; // closed
      }
    }
  })();
  return relay;
}
