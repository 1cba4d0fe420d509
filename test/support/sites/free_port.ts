/**
 * Ports for servers of tests, below those that the system gives to connections by itself (from 32768 on), so that none of them
 * takes one in the meantime. Files of tests run side by side: each has a hundred ports of its own, of which it holds the first.
 */
const [FIRST, BLOCKS, BLOCK] = [10_000, 200, 100];

const guard = holdBlock();
let last = 0;

/** A port of loopback that nobody listens on, and that no other file of tests is given. */
export function freePort(): number {
  for (let tries = 1; tries < BLOCK; tries++) {
    last = last % (BLOCK - 1) + 1;
    const port = guard + last;
    if (isFree(port)) return port;
  }
  throw new Error(`Programs listen on all ports from ${guard} to ${guard + BLOCK - 1}`);
}

/** Until this file of tests has ended. */
function holdBlock(): number {
  for (;;) {
    const port = FIRST + BLOCK * Math.floor(Math.random() * BLOCKS);
    const held = listen(port);
    if (held === null) continue;
    held.unref();
    return port;
  }
}

function isFree(port: number): boolean {
  const listener = listen(port);
  listener?.close();
  return listener !== null;
}

/** Null where somebody listens already. */
function listen(port: number): Deno.TcpListener | null {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return null;
    throw error;
  }
}
