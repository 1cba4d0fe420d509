/** A path to a ClickHouse server over HTTP on which a test sees every statement and may change the answers. */

export interface AnswersRelay extends AsyncDisposable {
  readonly url: string;
  /** Every statement that passed, in order. */
  readonly statements: readonly string[];
}

/** Another answer in place of the server's; an error as ClickHouse words it has a status. */
export type Change = (statement: string, answer: string) => string | { status: number; text: string };

/** Listens on a free port and passes every request on to the server at `target`. */
export function startAnswersRelay(target: string, change: Change): AnswersRelay {
  const statements: string[] = [];
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === "POST" ? await request.text() : null;
    const response = await fetch(`${target}${pathname}${search}`, {
      method: request.method,
      headers: [...request.headers].filter(([name]) => !["host", "content-length"].includes(name)),
      body,
    });
    const answer = await response.text();
    if (body === null) return new Response(answer, { status: response.status });
    statements.push(body);
    const changed = change(body, answer);
    const { status, text } = typeof changed === "string"
      ? { status: response.status, text: changed }
      : changed;
    const headers = new Headers(response.headers);
    for (const name of ["content-length", "transfer-encoding", "content-encoding"]) headers.delete(name);
    return new Response(text, { status, headers });
  });
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    statements,
    async [Symbol.asyncDispose]() {
      await listener.shutdown();
    },
  };
}
