/** The body of an answer, up to a limit: a megabyte of gzip may unpack to a gigabyte. */
import { UnsoundAnswer } from "./answers.ts";

/**
 * Bytes of one answer, unpacked. The longest that ch-sync asks for is the catalog, some 8 KB a table of thirty columns:
 * this is one of 15,000 such tables, and reading it takes less memory than the units allow.
 */
export const ANSWER_BYTES = 128 * 1024 * 1024;

/**
 * The same bytes as they come. Beyond the bound it fails, and the rest is not fetched.
 *
 * @throws {UnsoundAnswer} to whoever reads
 */
export function bounded(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  bytes = ANSWER_BYTES,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = bytes;
  return body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        left -= chunk.length;
        // The runtime unpacks 4 KiB at a time into buffers of 64 KiB: kept as they are, they would take 16 times as much.
        if (left >= 0) controller.enqueue(chunk.slice());
        else controller.error(new UnsoundAnswer(tooLong(bytes)));
      },
    }),
  );
}

function tooLong(bytes: number): string {
  return `the answer is longer than ${
    bytes / 1024 ** 2
  } MiB, more than ch-sync ever asks for: look at what answers at ` +
    "this URL; if it is a server full of tables, let ch-sync's user see only the databases to compare (REVOKE the others)";
}
