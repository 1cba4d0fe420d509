/** A `fetch` for the client library that does not trust what answers. */
import { boundedTogether } from "./bounded_body.ts";

/** Bytes that are read of an error's text. ClickHouse's own, which may quote a statement, are shorter. */
const READ_BYTES = 32 * 1024;
/** Characters of an error's text that the client parses: from its beginning, and from its end, where the type stands. */
const HEAD = 3000;
const TAIL = 1000;

/**
 * A `fetch` for the client that
 *
 * - follows no redirect: a ClickHouse server sends none, and the statement would go elsewhere;
 * - shortens the texts of errors. The client's pattern for them takes 28 s for 16 KiB made for that (measured), and
 *   nothing else happens meanwhile. They are redacted first: the half of a password is not recognised;
 * - ends answers that are longer than any should be, however small they were packed, also if many come at once;
 * - gives an answer without a body an empty one: the client would wait for it for ever;
 * - tells the status where the text is not ClickHouse's;
 * - hides the mark of errors behind the first bytes of an answer. There are none with `wait_end_of_query`, and their
 *   length is not bounded.
 */
export function waryFetch(over: typeof fetch, redact: (text: string) => string): typeof fetch {
  const bounded = boundedTogether();
  return async (input, init) => {
    const response = await over(input, { ...init, redirect: "manual" });
    const { status, headers } = response;
    if (response.ok && !headers.has("x-clickhouse-exception-code")) {
      return answer(response.body === null ? "" : bounded(response.body), { headers });
    }
    const text = shorten(redact(await beginning(response.body)));
    const body = /^\s*Code: \d/.test(text)
      ? text
      : `HTTP status ${status}${explain(status)}${text && `: ${text}`}`;
    const error = answer(body, { status: status < 400 ? 502 : status, headers });
    for (const name of ["content-length", "content-encoding"]) error.headers.delete(name);
    return error;
  };
}

function answer(body: BodyInit, init: ResponseInit): Response {
  const response = new Response(body, init);
  response.headers.delete("x-clickhouse-exception-tag");
  return response;
}

function explain(status: number): string {
  return status >= 300 && status < 400
    ? ", a redirect, which a ClickHouse server never sends: correct the URL"
    : "";
}

async function beginning(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  // Leaving the loop cancels the rest.
  for await (const chunk of body) {
    const wanted = chunk.subarray(0, READ_BYTES - bytes);
    bytes += wanted.length;
    text += decoder.decode(wanted, { stream: true });
    if (bytes >= READ_BYTES) break;
  }
  return text;
}

function shorten(text: string): string {
  return text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)} … ${text.slice(-TAIL)}`;
}
