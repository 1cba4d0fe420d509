/** A network path on loopback that a test makes slow, or has stand still. */

export interface SlowLink extends AsyncDisposable {
  readonly port: number;
  /** What passes from the far end to the near one. 0: nothing; Infinity: all at once. */
  bytesPerSecond: number;
  /** Milliseconds there and back: all of it on the way back, where pieces that follow each other travel side by side. */
  delayMs: number;
  /** Milliseconds until a new connection passes anything. */
  connectMs: number;
  /** What has passed so far, both ways together. */
  bytes: number;
}

/** Milliseconds after which a change of the speed is noticed. */
const TICK_MS = 10;

/** Pieces under way at a time, at most. */
const UNDER_WAY = 64;

/** Listens on a free port and passes everything on to `port`, both on 127.0.0.1. */
export function startSlowLink(port: number): SlowLink {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Promise<unknown>>();
  const end = new AbortController();
  const { signal } = end;
  const link: SlowLink = {
    port: (listener.addr as Deno.NetAddr).port,
    bytesPerSecond: Infinity,
    delayMs: 0,
    connectMs: 0,
    bytes: 0,
    async [Symbol.asyncDispose]() {
      listener.close();
      end.abort();
      await accepting;
      await Promise.all(open);
    },
  };
  async function slow({ length }: Uint8Array): Promise<void> {
    for (let owed = length; owed > 0 && !signal.aborted; owed -= link.bytesPerSecond * TICK_MS / 1000) {
      if (link.bytesPerSecond === Infinity) return;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }
  async function pass(near: Deno.Conn): Promise<void> {
    const far = await Deno.connect({ hostname: "127.0.0.1", port });
    await wait(link.connectMs);
    const speed = new TransformStream<Uint8Array<ArrayBuffer>, UnderWay>(
      {
        async transform(chunk, controller) {
          await slow(chunk);
          controller.enqueue({ chunk, due: performance.now() + link.delayMs });
        },
      },
      undefined,
      { highWaterMark: UNDER_WAY },
    );
    const distance = new TransformStream<UnderWay, Uint8Array<ArrayBuffer>>({
      async transform({ chunk, due }, controller) {
        await wait(due - performance.now());
        link.bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        link.bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    // Whichever side hangs up ends both directions.
    await Promise.allSettled([
      near.readable.pipeThrough(counted, { signal }).pipeTo(far.writable, { signal }),
      far.readable.pipeThrough(speed, { signal }).pipeThrough(distance, { signal }).pipeTo(near.writable, {
        signal,
      }),
    ]);
  }
  const accepting = (async () => {
    for await (const near of listener) {
      const passing = pass(near).catch(() => near.close()).finally(() => open.delete(passing));
      open.add(passing);
    }
  })();
  return link;
}

interface UnderWay {
  readonly chunk: Uint8Array<ArrayBuffer>;
  readonly due: number;
}

async function wait(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
