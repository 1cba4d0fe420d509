/**
 * A narrow line to the world outside: a proxy that programs are told of by `https_proxy`. All its connections share
 * the bytes of a second, and it may break once.
 */

export interface NarrowLine extends AsyncDisposable {
  readonly url: string;
  /** What has come from outside so far. */
  bytes: number;
}

export interface Narrowness {
  readonly bytesPerSecond: number;
  /** Bytes after which everything that is open breaks, once. */
  readonly breaksAfter?: number;
}

/** Listens on a free port of loopback. */
export function startNarrowLine({ bytesPerSecond, breaksAfter = Infinity }: Narrowness): NarrowLine {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let free = performance.now();
  let broken = false;
  const line: NarrowLine = {
    url: `http://127.0.0.1:${listener.addr.port}`,
    bytes: 0,
    async [Symbol.asyncDispose]() {
      listener.close();
      breakAll();
      await accepting;
    },
  };
  function close(end: Deno.Conn): void {
    if (open.delete(end)) end.close();
  }
  function breakAll(): void {
    for (const end of open) close(end);
  }
  /** Waits for its turn on the line. */
  async function paced(length: number): Promise<void> {
    free = Math.max(free, performance.now()) + length * 1000 / bytesPerSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, free - performance.now())));
    line.bytes += length;
    if (broken || line.bytes < breaksAfter) return;
    broken = true;
    breakAll();
  }
  async function pass(
    from: Deno.Conn,
    to: Deno.Conn,
    pace: (length: number) => Promise<void>,
  ): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
        await pace(length);
        for (let at = 0; at < length;) at += await to.write(buffer.subarray(at, length));
      }
    } catch {
      // Whichever side hangs up ends both directions.
    }
    close(from);
    close(to);
  }
  async function serve(near: Deno.Conn): Promise<void> {
    open.add(near);
    const buffer = new Uint8Array(16_384);
    const asked = new TextDecoder().decode(buffer.subarray(0, await near.read(buffer) ?? 0));
    const [, hostname, port] = /^CONNECT \[?([^\s\]]+?)\]?:(\d+) HTTP/.exec(asked) ?? [];
    if (!hostname) return close(near);
    const far = await Deno.connect({ hostname, port: Number(port) });
    open.add(far);
    await near.write(new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
    await Promise.all([pass(near, far, async () => {}), pass(far, near, paced)]);
  }
  const accepting = (async () => {
    for await (const near of listener) serve(near).catch(() => close(near));
  })().catch(() => {});
  return line;
}
