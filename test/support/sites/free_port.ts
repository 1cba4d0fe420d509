/** Given by this process before; what they were for may not listen yet, or no more. */
const given = new Set<number>();

/**
 * A port of loopback that nobody listens on, for the moment. It is below those that the system gives to connections by itself
 * (from 32768 on), so that none of them takes it in the meantime.
 */
export function freePort(): number {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (given.has(port) || !isFree(port)) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
