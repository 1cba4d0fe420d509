/** Reading a file line by line, without holding more of it than one line. */
import { openOwn } from "./private_file.ts";

export interface Line {
  readonly text: string;
  /** Where the line begins and how long it is without its end, in bytes. */
  readonly offset: number;
  readonly length: number;
}

/** A last line that has no end was cut off, and is left out. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  using file = await openOwn(path, { read: true });
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(1 << 16);
  let pieces: Uint8Array[] = [];
  let [offset, length] = [0, 0];
  for (let read = await file.read(chunk); read !== null; read = await file.read(chunk)) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0 && end < read; end = chunk.indexOf(10, from)) {
      pieces.push(chunk.slice(from, end));
      length += end - from;
      yield { text: decoder.decode(joined(pieces, length)), offset, length };
      offset += length + 1;
      [pieces, length, from] = [[], 0, end + 1];
    }
    pieces.push(chunk.slice(from, read));
    length += read - from;
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
