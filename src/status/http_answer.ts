/** An answer as bytes of HTTP/1. */

/** What of a request its answer goes by. */
export type AnsweredRequest = Pick<Request, "method" | "headers">;

/** What is said where there is no request that could be answered. */
export const REFUSALS = {
  400: "This is no request that ch-sync understands\n",
  405: "ch-sync only shows: GET\n",
  431: "This request is too long\n",
  505: "ch-sync speaks HTTP/1.1\n",
} as const;

/** Bytes from which on it is worth packing. */
const WORTH_PACKING = 1024;

/** Whole: nothing is streamed, and each connection takes one. */
export async function formatAnswer(
  response: Response,
  { method, headers: asked }: AnsweredRequest,
): Promise<Uint8Array> {
  const { status } = response;
  const headers = new Headers(response.headers);
  let body = await response.bytes();
  if (body.length >= WORTH_PACKING && takesGzip(asked.get("accept-encoding") ?? "")) {
    body = await new Response(new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
    headers.set("content-encoding", "gzip");
  }
  headers.set("vary", "accept-encoding");
  headers.set("date", new Date().toUTCString());
  headers.set("connection", "close");
  if (method !== "HEAD") headers.set("content-length", String(body.length));
  const lines = [
    `HTTP/1.1 ${status} ${response.statusText}`,
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
  ];
  return new Uint8Array(
    await new Blob([`${lines.join("\r\n")}\r\n\r\n`, method === "HEAD" ? "" : body]).arrayBuffer(),
  );
}

function takesGzip(accepted: string): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accepted);
}
