/**
 * Replication for the embedded engine. clickhouse-local has all of it, but never sets what a server's start sets: the
 * interserver address, scheme and credentials (without them Replicated tables are read-only), and the interserver listener.
 * This does it in memory, at the places of exactly this version; every place is first compared with the bytes expected.
 */

const CMDLINE = 0xf211700n;
const STRING_BYTES = 24;

const cstring = (text: string) => new TextEncoder().encode(text + "\0");
const hex = (text: string) => Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));

function bytes(size: number, value: bigint): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, value), true);
  return [...new Uint8Array(view.buffer).subarray(0, size)];
}

/** Machine code that writes a short libc++ string, whose length is its last byte, to [rdi]. */
function returnsString(text: string): number[] {
  const string = new Uint8Array(STRING_BYTES);
  string.set(new TextEncoder().encode(text));
  string[STRING_BYTES - 1] = text.length;
  const stores = [[0x48, 0x89, 0x0f], [0x48, 0x89, 0x4f, 8], [0x48, 0x89, 0x4f, 16]];
  const code = stores.flatMap((store, at) => [0x48, 0xb9, ...string.subarray(8 * at, 8 * at + 8), ...store]);
  return [0x48, 0x89, 0xf8, ...code];
}

/** Keeps what the patched code points to alive. */
const kept: unknown[] = [];

/**
 * Call it before the engine starts. The statement that reads the file `fifo` in the working directory lets the next
 * `SYSTEM START LISTEN HTTP` mean the interserver listener.
 *
 * @param library path of the engine, which is loaded already
 * @param port of the interserver listener, on loopback
 * @throws where the library is not the one that these places belong to
 */
export function enableReplication(library: string, port: number): void {
  const libc = Deno.dlopen("libc.so.6", {
    dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
    mprotect: { parameters: ["u64", "usize", "i32"], result: "i32" },
    mkfifo: { parameters: ["buffer", "u32"], result: "i32" },
    open: { parameters: ["buffer", "i32"], result: "i32", nonblocking: true },
    close: { parameters: ["i32"], result: "i32" },
    unlink: { parameters: ["buffer"], result: "i32" },
  }).symbols;
  const handle = libc.dlopen(cstring(library), 2 | 4 /* RTLD_NOW | RTLD_NOLOAD */);
  const base = BigInt(Deno.UnsafePointer.value(libc.dlsym(handle, cstring("chdb_query_cmdline")))) - CMDLINE;

  /** @returns puts back what was there */
  const patch = (at: bigint, expected: string, code: readonly number[]) => {
    const address = Deno.UnsafePointer.create(base + at)!;
    const view = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(address, code.length));
    if (hex(expected).some((byte, index) => index < code.length && view[index] !== byte)) {
      throw new Error(`This is not the engine whose replication the tests know (at ${at})`);
    }
    const before = [...view];
    const write = (some: readonly number[]) => {
      const [page, length] = [(base + at) & ~4095n, 8192n];
      libc.mprotect(page, length, 7);
      view.set(some);
      libc.mprotect(page, length, 5);
    };
    write(code);
    return () => write(before);
  };

  const credentials = new BigUint64Array(32);
  const at = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(credentials)));
  credentials.set([at + 96n, at + 144n, at + 144n], 6);
  kept.push(credentials);
  // Context::getInterserverIOAddress, getInterserverScheme, getInterserverCredentials
  patch(0x1417c9c0n, "4156534883ec484c8b36490fbe8e67010000", [
    ...returnsString("127.0.0.1"),
    ...[0x66, 0xc7, 0x47, 0x18, port & 255, port >> 8, 0xc3],
  ]);
  patch(0x1417cac0n, "488b0680b88701000000", [...returnsString("http"), 0xc3]);
  patch(0x1417c940n, "41574156534c8b3f498d9f88010000", [0x48, 0xb8, ...bytes(8, at), 0x31, 0xd2, 0xc3]);
  // Databases of engine Replicated: DatabaseCatalog::canPerformReplicatedDDLQueries answers true, and the pool of threads that
  // create their tables, which is not started, is the one that loads parts.
  patch(0x142891c0n, "0fb68710090000c3", [0xb0, 0x01, 0xc3]);
  patch(0xf1ce5c0n, "4157415653", [0xe9, ...bytes(4, 0xf1cdd00n - 0xf1ce5c5n)]);

  const fifo = cstring("fifo");
  libc.unlink(fifo);
  libc.mkfifo(fifo, 0o600);
  libc.open(fifo, 1).then(async (opened) => {
    const name = 0x2216ad2n; // "interserver_http_port"
    const undo = [
      patch(0x18395d32n, "0f84c2020000", [0x0f, 0x84, ...bytes(4, 0x18395dbcn - 0x18395d38n)]),
      patch(0xf0f9f08n, "488d0555e227f3", [0x48, 0x8d, 0x05, ...bytes(4, name - 0xf0f9f0fn)]),
      patch(0xf0f9f98n, "488d15c5e127f3", [0x48, 0x8d, 0x15, ...bytes(4, name - 0xf0f9f9fn)]),
    ];
    libc.close(opened);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const back of undo) back();
  });
}
