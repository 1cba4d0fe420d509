/** Something in a ClickHouse server's place that answers `/ping`, and sends everything else back as an error. */

export interface EchoServer extends AsyncDisposable {
  readonly url: string;
  requests: number;
}

export function startEchoServer(): EchoServer {
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    echo.requests++;
    if (new URL(request.url).pathname === "/ping") return new Response("Ok.\n");
    const headers = [...request.headers].map(([name, value]) => `${name}: ${value}`);
    const authorization = request.headers.get("authorization") ?? "";
    const [, credentials = ""] = /^Basic (.*)$/.exec(authorization) ?? [];
    const decoded = new TextDecoder().decode(Uint8Array.fromBase64(credentials));
    // The short ones first: an operator sees 300 characters.
    const sent = [
      authorization,
      credentials,
      decoded,
      encodeURIComponent(decoded),
      await request.text(),
      request.url,
      ...headers,
    ];
    // Now as ClickHouse words errors, now as a proxy does.
    const text = sent.join("\n");
    return echo.requests % 2 === 0
      ? new Response(`Code: 62. DB::Exception: ${text} (SYNTAX_ERROR)`, { status: 500 })
      : new Response(`<html><body>${text}</body></html>`, { status: 502 });
  });
  const echo: EchoServer = {
    url: `http://127.0.0.1:${listener.addr.port}`,
    requests: 0,
    async [Symbol.asyncDispose]() {
      await listener.shutdown();
    },
  };
  return echo;
}
