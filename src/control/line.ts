/** One line over a connection. */

/**
 * Reads up to the first end of a line, or to the end of what comes.
 *
 * @param most bytes
 * @throws if there is more
 */
export async function readLine(connection: Deno.Conn, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const chunk = new Uint8Array(16_384);
  for (let read = await connection.read(chunk); read !== null; read = await connection.read(chunk)) {
    const end = chunk.subarray(0, read).indexOf(0x0a);
    const taken = end < 0 ? read : end;
    size += taken;
    if (size > most) throw new Error(`it is longer than ${most} bytes`);
    chunks.push(chunk.slice(0, taken));
    if (end >= 0) break;
  }
  return new TextDecoder().decode(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

export async function writeLine(connection: Deno.Conn, value: unknown): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(value) + "\n");
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
