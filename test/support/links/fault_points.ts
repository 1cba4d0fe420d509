/** A path to a ClickHouse server over HTTP on which a test does damage before and after any statement. */

export interface Statement {
  readonly sql: string;
  /** Statements that passed before this one, in both directions of time: the first is 0. */
  readonly number: number;
}

/** What happens to the client's end of the connection: the answer passes, or never comes. */
export type Ending = "answer" | "cut" | "vanish";

export interface FaultPoints extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly statements: readonly string[];
  /** `user:password` instead of those that come; null: those. */
  login: string | null;
  /** Before the statement goes to the server; `cut` and `vanish` keep it from there. */
  before: (statement: Statement) => Ending | void | Promise<Ending | void>;
  /** After the server has answered. */
  after: (statement: Statement) => Ending | void | Promise<Ending | void>;
}

/** Listens on a free port and passes every request on to the server at `target`, whoever else is waiting. */
export function startFaultPoints(target: () => string): FaultPoints {
  const statements: string[] = [];
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => {});
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, onError: () => cut() },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const sql = request.method === "POST" ? await request.text() : "";
      const statement = { sql, number: statements.length };
      if (sql !== "") statements.push(sql);
      const early = sql === "" ? "answer" : await points.before(statement);
      if (early === "cut") return cut();
      if (early === "vanish") return await gone.promise;
      const headers = new Headers(request.headers);
      for (const name of ["host", "content-length"]) headers.delete(name);
      if (points.login !== null) headers.set("authorization", `Basic ${btoa(points.login)}`);
      // The server goes on with a statement whose client is gone, so the relay does too.
      const response = await fetch(`${target()}${pathname}${search}`, {
        method: request.method,
        headers,
        body: request.method === "POST" ? sql : null,
      });
      const text = await response.text();
      const late = sql === "" ? "answer" : await points.after(statement);
      if (late === "cut") return cut();
      if (late === "vanish") return await gone.promise;
      const answered = new Headers(response.headers);
      for (const name of ["content-length", "transfer-encoding", "content-encoding"]) answered.delete(name);
      return new Response(text, { status: response.status, headers: answered });
    },
  );
  const { port } = listener.addr;
  const points: FaultPoints = {
    url: `http://127.0.0.1:${port}`,
    port,
    statements,
    login: null,
    before: () => "answer",
    after: () => "answer",
    async [Symbol.asyncDispose]() {
      gone.reject(new Error("the test is over"));
      await listener.shutdown();
    },
  };
  return points;
}

/** An answer that begins and never ends: the connection is reset in the middle of the body. */
function cut(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("{"));
    },
    pull(controller) {
      controller.error(new Error("cut"));
    },
  });
  return new Response(body, { status: 200 });
}
