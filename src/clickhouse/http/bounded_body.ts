/** The bodies of answers, up to a limit: a megabyte of gzip may unpack to a gigabyte. */
import { UnsoundAnswer } from "./answers.ts";

type Body = ReadableStream<Uint8Array<ArrayBuffer>>;

/**
 * Bytes of the answers that are read from a site at one time, unpacked. The longest that ch-sync asks for is the catalog,
 * some 8 KB a table of thirty columns: this is one of 15,000 such tables, and reading it takes less memory than the units allow.
 */
export const ANSWER_BYTES = 128 * 1024 * 1024;

/** The same bytes as they come. See `boundedTogether`. @throws {UnsoundAnswer} to whoever reads */
export function bounded(body: Body, bytes: number): Body {
  return boundedTogether(bytes)(body);
}

/**
 * Bounds bodies by what is being read of all of them: each on its own would let ten statements at once take ten times as much.
 *
 * @returns passes on the same bytes as they come. Beyond the bound it fails, and the rest is not fetched.
 *   Throws an `UnsoundAnswer` to whoever reads.
 */
export function boundedTogether(bytes = ANSWER_BYTES): (body: Body) => Body {
  let reading = 0;
  return (body) => {
    const reader = body.getReader();
    let ofThis = 0;
    const end = () => {
      reading -= ofThis;
      ofThis = 0;
    };
    // By hand, and not through a TransformStream: for the few bytes of most answers that takes twice as long (measured).
    return new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            end();
            return controller.close();
          }
          ofThis += value.length;
          reading += value.length;
          if (reading > bytes) throw new UnsoundAnswer(tooLong(bytes));
          // The runtime unpacks 4 KiB at a time into buffers of 64 KiB: kept as they are, they would take 16 times as much.
          controller.enqueue(value.slice());
        } catch (error) {
          end();
          reader.cancel(error).catch(() => {});
          throw error;
        }
      },
      cancel(reason) {
        end();
        return reader.cancel(reason);
      },
    }, { highWaterMark: 0 });
  };
}

function tooLong(bytes: number): string {
  return `the answer is longer than ${
    bytes / 1024 ** 2
  } MiB, more than ch-sync ever asks for: look at what answers at ` +
    "this URL; if it is a server full of tables, let ch-sync's user see only the databases to compare (REVOKE the others)";
}
