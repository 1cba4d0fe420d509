/** A real webhook on loopback that keeps what it is sent. */

export interface WebhookSink extends AsyncDisposable {
  readonly url: string;
  /** The texts of the messages that were accepted, in order. */
  readonly texts: string[];
  /** The bodies of all requests as they came, in order. */
  readonly bodies: string[];
  /** Requests, whatever was answered. */
  requests: number;
  /** What the next requests get: a status, or no answer until then. */
  behaviour: { readonly status: number; readonly retryAfter?: string } | {
    readonly silent: Promise<unknown>;
  };
}

/** @param port 0: a free one */
export function startWebhookSink(port = 0): WebhookSink {
  const texts: string[] = [];
  const bodies: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, async (request) => {
    sink.requests++;
    const { behaviour } = sink;
    const body = await request.text();
    bodies.push(body);
    if ("silent" in behaviour) {
      await behaviour.silent;
      return new Response(null, { status: 503 });
    }
    // A ping has no body.
    if (behaviour.status < 300 && body !== "") texts.push(JSON.parse(body).text);
    const headers = new Headers({ location: "/elsewhere" });
    if (behaviour.retryAfter) headers.set("retry-after", behaviour.retryAfter);
    return new Response("thank you", { status: behaviour.status, headers });
  });
  const sink: WebhookSink = {
    url: `http://127.0.0.1:${server.addr.port}/services/T000/B000/canary-webhook-path`,
    texts,
    bodies,
    requests: 0,
    behaviour: { status: 200 },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
  return sink;
}

/** The sentences of all news in messages, in order: each begins with a sign and the name of the program. */
export function sentencesOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split("\n").filter((line) => /^\p{S}\S* CH-Sync: /u.test(line)));
}
