/** A network path on loopback between two processes that a test breaks in every way in which networks break. */

export interface FaultyLink extends AsyncDisposable {
  readonly port: number;
  /** `vanish`: connections open, and nothing passes either way. `reset`: connections end as soon as they are made. */
  mode: "pass" | "vanish" | "reset";
  /** Milliseconds that everything takes in each direction. */
  delayMs: number;
  /** Of a hundred pieces, how many are held up for 200 ms, as by a packet that was lost and sent again. */
  lossPercent: number;
  /** Bytes from the far end after which each connection breaks. */
  cutAfter: number;
  /** Bytes from the far end, on one connection, after which nothing passes any more on any. */
  vanishAfter: number;
}

const RESENT_MS = 200;

/** Listens on a free port and passes everything on to `port`, both on 127.0.0.1. */
export function startFaultyLink(port: number): FaultyLink {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let lost = 0;
  const link: FaultyLink = {
    port: (listener.addr as Deno.NetAddr).port,
    mode: "pass",
    delayMs: 0,
    lossPercent: 0,
    cutAfter: Infinity,
    vanishAfter: Infinity,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const end of open) close(end);
      await accepting;
    },
  };
  function close(end: Deno.Conn): void {
    open.delete(end);
    try {
      end.close();
    } catch {
      // It was closed already.
    }
  }
  async function pipe(from: Deno.Conn, to: Deno.Conn, limited: boolean): Promise<void> {
    const queue: { bytes: Uint8Array; due: number }[] = [];
    const arrived = { resolve: () => {} };
    let over = false;
    const writing = (async () => {
      while (!over || queue.length > 0) {
        const first = queue.shift();
        if (!first) {
          await new Promise<void>((resolve) => arrived.resolve = resolve);
          continue;
        }
        const wait = first.due - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        while (link.mode === "vanish" && open.has(to)) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        for (let at = 0; at < first.bytes.length;) at += await to.write(first.bytes.subarray(at));
      }
    })().catch(() => {});
    let passed = 0;
    try {
      const buffer = new Uint8Array(65_536);
      for (;;) {
        const length = await from.read(buffer);
        if (length === null) break;
        passed += length;
        if (limited && passed > link.vanishAfter) link.mode = "vanish";
        if (limited && passed > link.cutAfter) break;
        // Evenly rather than at random, so that a test does the same each time.
        lost += link.lossPercent;
        const late = lost >= 100 ? RESENT_MS : 0;
        lost %= 100;
        queue.push({ bytes: buffer.slice(0, length), due: performance.now() + link.delayMs + late });
        arrived.resolve();
      }
    } catch {
      // Whichever side hangs up ends both directions.
    }
    over = true;
    arrived.resolve();
    if (passed <= link.cutAfter) await writing;
    close(from);
    close(to);
  }
  const accepting = (async () => {
    for await (const near of listener) {
      open.add(near);
      if (link.mode === "reset") {
        close(near);
        continue;
      }
      Deno.connect({ hostname: "127.0.0.1", port }).then((far) => {
        open.add(far);
        void pipe(near, far, false);
        void pipe(far, near, true);
      }, () => close(near));
    }
  })().catch(() => {});
  return link;
}
